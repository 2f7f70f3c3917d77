/** The documentation has valid links, and covers all commands, flags, keys and errors. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commands } from "../../cli/commands.ts";
import { errors } from "../../protocol/errors.ts";
import { buildKeysTable, unusedKeys } from "../../server/config/keys-table.ts";
import { parseConfig } from "../../server/config/parse-config-file.ts";
import { buildConfigJsonSchema } from "../../server/config/schema.ts";
import { anchorsOf, blocksOf, linksOf } from "./markdown.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): Promise<string> => readFile(join(root, path), "utf8");

async function pages(): Promise<Map<string, string>> {
  const names = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md"));
  const paths = ["README.md", ...names.map((name) => `docs/${name}`)];
  return new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)));
}

describe("the documentation", () => {
  it("has links to existing files and headings only", async () => {
    const all = await pages();
    const broken: string[] = [];
    let count = 0;
    for (const [page, text] of all) {
      for (const link of linksOf(text).filter((target) => !/^[a-z]+:/.test(target))) {
        count += 1;
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? page : join(dirname(page), file);
        const found = existsSync(join(root, target));
        if (!found || (anchor !== undefined && !anchorsOf(all.get(target) ?? "").includes(anchor)))
          broken.push(`${page}: ${link}`);
      }
    }
    assert.deepEqual(broken, []);
    assert.ok(count > 40, `only ${count} links were found`);
  });

  it("is linked from the README, every page", async () => {
    const names = [...(await pages()).keys()].filter((page) => page !== "README.md");
    const linked = linksOf(await read("README.md")).map((link) => link.split("#")[0]);
    assert.deepEqual(
      names.filter((name) => !linked.includes(name)),
      [],
    );
  });

  it("explains every exit code", async () => {
    const page = await read("docs/scripting.md");
    for (const [name, { exit }] of Object.entries(errors)) {
      const row = new RegExp(`^\\| ${exit} \\| \`${name}\` \\|`, "m");
      assert.match(page, row);
    }
  });

  it("mentions every command", async () => {
    const text = [...(await pages()).values()].join("\n");
    for (const { name } of commands) assert.match(text, new RegExp(`\\btutti ${name}\\b`), name);
  });

  it("mentions every flag of every command", async () => {
    const text = [...(await pages()).values()].join("\n");
    const missing: string[] = [];
    for (const row of commands) {
      const { flags } = await row.load();
      missing.push(
        ...flags.filter(({ name }) => !text.includes(`--${name}`)).map(({ name }) => `${row.name} --${name}`),
      );
    }
    assert.deepEqual(missing, []);
  });

  it("lists every configuration key; `npm run docs` updates it", async () => {
    const page = await read("docs/configuration.md");
    assert.ok(page.includes(`<!-- keys -->\n${buildKeysTable(buildConfigJsonSchema())}\n<!-- end keys -->`));
    const { properties } = buildConfigJsonSchema() as { properties: Record<string, unknown> };
    for (const name of unusedKeys) assert.ok((name.split(".", 1)[0] ?? "") in properties, name);
  });

  it("explains every `compat` key", async () => {
    const page = await read("docs/endpoints.md");
    const keys = [...buildKeysTable(buildConfigJsonSchema()).matchAll(/`providers\.NAME\.compat\.(\w+)`/g)].map(
      ([, key]) => key ?? "",
    );
    assert.ok(keys.length > 20);
    for (const key of keys) assert.ok(page.includes(`\n| \`${key}\` |`), key);
  });

  it("shows only valid configurations", async () => {
    let count = 0;
    for (const [page, text] of await pages()) {
      const shown = blocksOf(text).filter(({ language, file }) => language === "jsonc" && file === null);
      count += shown.length;
      for (const { line, text: config } of shown)
        assert.deepEqual(parseConfig(config, page).problems, [], `${page}:${line}`);
    }
    assert.ok(count > 3);
  });

  it("names only existing files and folders", async () => {
    const page = (await read("docs/architecture.md")).split("\n## Not implemented yet\n")[0] ?? "";
    const paths = [
      ...[...page.matchAll(/`([a-z.]+\/[\w./-]*)`/g)].map(([, path]) => path ?? ""),
      ...[...page.matchAll(/```text\n((?:\w+\/ *.*\n[\s\S]*?))```/g)].flatMap(([, tree]) => treePaths(tree ?? "")),
    ];
    const shortened = /^(session|agent|model|permission|tools)\//;
    assert.deepEqual(
      paths.filter(
        (path) => !existsSync(join(root, path)) && !existsSync(join(root, path.replace(shortened, "server/$&"))),
      ),
      [],
    );
    assert.ok(paths.length > 200, `only ${paths.length} paths were found`);
  });
});

/** The paths that an indented tree names: each folder, and each source file mentioned on its line or below it. */
function treePaths(tree: string): string[] {
  const folders: { indent: number; path: string }[] = [];
  const paths: string[] = [];
  for (const [, indent = "", name = "", text = ""] of tree.matchAll(/^( *)(\S+)(.*)$/gm)) {
    while ((folders.at(-1)?.indent ?? -1) >= indent.length) folders.pop();
    const parent = folders.at(-1)?.path ?? "";
    if (name.endsWith("/")) {
      folders.push({ indent: indent.length, path: `${parent}${name}` });
      paths.push(`${parent}${name}`);
    } else {
      const files = [...`${name}${text}`.matchAll(/[\w-]+\.(?:ts|cjs|mjs)\b/g)].map(([file]) => file);
      paths.push(...files.map((file) => `${parent}${file}`));
    }
  }
  return paths;
}
