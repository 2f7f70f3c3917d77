/** The folders of server/ are layers: imports go in one direction, so that each can be understood without those above it. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dirname, "../..");
const ts: typeof import("legacy-typescript") = createRequire(import.meta.url)("legacy-typescript");

/** A folder of server/, or a file at its root. */
const layerOf = (file: string): string => file.split("/")[1] ?? file;

function readEdges(): Map<string, Map<string, string>> {
  const edges = new Map<string, Map<string, string>>();
  for (const file of globSync("server/**/*.{ts,tsx,mts,mjs,cjs}", { cwd: root })) {
    for (const { fileName } of ts.preProcessFile(readFileSync(join(root, file), "utf8")).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const imported = normalize(join(dirname(file), fileName));
      const [from, to] = [layerOf(file), layerOf(imported)];
      if (!imported.startsWith("server/") || from === to) continue;
      edges.set(from, (edges.get(from) ?? new Map<string, string>()).set(to, `${file} imports ${imported}`));
    }
  }
  return edges;
}

/** The imports of a cycle, or null. */
function findCircle(edges: Map<string, Map<string, string>>): string[] | null {
  const done = new Set<string>();
  const visit = (layer: string, path: readonly string[]): string[] | null => {
    if (path.includes(layer)) {
      const circle = [...path.slice(path.indexOf(layer)), layer];
      return circle.slice(1).map((to, index) => edges.get(circle[index] ?? "")?.get(to) ?? "");
    }
    if (done.has(layer)) return null;
    for (const to of edges.get(layer)?.keys() ?? []) {
      const circle = visit(to, [...path, layer]);
      if (circle) return circle;
    }
    done.add(layer);
    return null;
  };
  for (const layer of edges.keys()) {
    const circle = visit(layer, []);
    if (circle) return circle;
  }
  return null;
}

describe("the folders of server/", () => {
  it("import each other in one direction only", () => {
    const edges = readEdges();
    assert.ok(edges.size > 10);
    assert.equal(findCircle(edges), null);
  });

  it("are detected in a cycle", () => {
    const edges = readEdges();
    edges.get("config")?.set("rpc", "a planted import");
    assert.ok(findCircle(edges)?.includes("a planted import"));
  });
});
