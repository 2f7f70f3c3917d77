/** Limits the size of files to 400 lines, and of functions to 120. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ts: typeof import("legacy-typescript") = createRequire(import.meta.url)("legacy-typescript");

const root = join(import.meta.dirname, "../..");
const MAX_FILE = 400;
const MAX_FUNCTION = 120;

const isOurs = (file: string): boolean => !/^(test\/fixtures|dist)\/|(^|\/)node_modules\//.test(file);

const linesOf = (text: string): number => text.split("\n").length - 1;

function longFunctions(file: string, text: string): string[] {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: string[] = [];
  const visit = (node: import("legacy-typescript").Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      const [first, last] = [lineAt(node.getStart(source)), lineAt(node.end)];
      if (last - first >= MAX_FUNCTION) found.push(`${file}:${first} has ${last - first + 1} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe("the size of the code", () => {
  const files = globSync("**/*.{ts,tsx,mjs,cjs}", {
    cwd: root,
    exclude: (name) => /^(node_modules|dist|\.git)$/.test(name),
  });
  const sources = files.filter(isOurs).map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

  it(`is at most ${MAX_FILE} lines per file`, () => {
    assert.ok(sources.length > 500);
    const long = sources.filter(({ text }) => linesOf(text) > MAX_FILE);
    assert.deepEqual(
      long.map(({ file, text }) => `${file} has ${linesOf(text)} lines`),
      [],
    );
  });

  it(`is at most ${MAX_FUNCTION} lines per function, outside of tests`, function () {
    this.timeout(60_000);
    const code = sources.filter(({ file }) => !file.startsWith("test/"));
    assert.deepEqual(
      code.flatMap(({ file, text }) => longFunctions(file, text)),
      [],
    );
  });
});
