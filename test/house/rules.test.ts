/** Every dependency and lint rule works: a small tree of the same shape gets one violation of each, and exactly that rule reports it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const { forbidden } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as {
  forbidden: { name: string }[];
};
const biome = JSON.parse(readFileSync(join(root, "biome.json"), "utf8")) as {
  linter: { rules: Record<string, string | Record<string, string>> };
};

/** For each rule, a file and what it imports. Imported files and packages are created. */
const faults: Record<string, [file: string, imports: string]> = {
  "no-circular": ["server/model/circle.ts", "./round.ts"],
  "protocol-is-pure": ["protocol/reaches-out.ts", "../client/store.ts"],
  "pure-folders-no-node": ["client/reads-files.ts", "node:fs"],
  "server-no-screen": ["server/draws.ts", "../cli/print.ts"],
  "client-no-server": ["client/knows-server.ts", "../server/ports.ts"],
  "screen-no-server": ["tui/knows-server.ts", "../server/ports.ts"],
  "screen-no-screen": ["cli/draws-cells.ts", "../tui/cells.ts"],
  "plugins-alone": ["mcp-plugins/notes/main.ts", "../../protocol/events.ts"],
  "plugin-no-plugin": ["mcp-plugins/clock/main.ts", "../notes/word.ts"],
  "nothing-imports-plugins": ["server/plugins/inside.ts", "../../mcp-plugins/sdk/sdk.ts"],
  "hub-protocol-only": ["hub/keeps-views.ts", "../client/store.ts"],
  "agent-gets-its-context": ["server/agent/opens.ts", "../session/session.ts"],
  "tools-know-ports": ["server/tools/judges.ts", "../permission/policy.ts"],
  "core-no-node": ["server/session/reads.ts", "node:fs"],
  "node-ports-only-joined-in-main": ["server/config/reads.ts", "../node/files.ts"],
  "nothing-imports-tests": ["bin/tested.ts", "../test/help/model.ts"],
  "terminal-kit-in-one-place": ["tui/other.ts", "terminal-kit"],
  "vscode-in-extension": ["web/panel.ts", "vscode"],
  "electron-in-desktop": ["desktop/tray-icon.ts", "electron"],
  "mcp-in-plugins": ["server/rpc/mcp.ts", "@modelcontextprotocol/sdk"],
  "ai-sdk-in-model": ["server/transport/model.ts", "ai"],
};
/** The same imports where they are allowed. */
const sound: [file: string, imports: string][] = [
  ["client/local.ts", "node:fs"],
  ["server/session/names.ts", "node:path"],
  ["server/tools/reads.ts", "../ports.ts"],
  ["cli/talks.ts", "../client/store.ts"],
  ["hub/envelopes.ts", "../protocol/events.ts"],
  ["mcp-plugins/notes/word.ts", "../sdk/sdk.ts"],
  ["mcp-plugins/notes/asks.ts", "../http/client.ts"],
  ["mcp-plugins/notes/reads.ts", "../markdown/blocks.ts"],
  ["mcp-plugins/sdk/speaks.ts", "../../protocol/plugin.ts"],
  ["cli/plugins-new.ts", "../mcp-plugins/templates/scaffold.ts"],
  ["server/main.ts", "./node/files.ts"],
  ["tui/screen.ts", "terminal-kit"],
  ["extension/activate.ts", "vscode"],
  ["desktop/main.ts", "electron"],
  ["server/plugins/host.ts", "@modelcontextprotocol/sdk"],
  ["server/model/model-client.ts", "ai"],
  ["server/model/compatible.ts", "@ai-sdk/openai-compatible"],
  ["test/outside/client.ts", "ai"],
];
const imported = [
  "protocol/events.ts",
  "client/store.ts",
  "cli/print.ts",
  "tui/cells.ts",
  "server/ports.ts",
  "server/session/session.ts",
  "server/permission/policy.ts",
  "server/node/files.ts",
  "mcp-plugins/http/client.ts",
  "mcp-plugins/markdown/blocks.ts",
  "mcp-plugins/sdk/sdk.ts",
  "mcp-plugins/templates/scaffold.ts",
  "protocol/plugin.ts",
  "test/help/model.ts",
];
const packages = ["terminal-kit", "vscode", "electron", "@modelcontextprotocol/sdk", "ai", "@ai-sdk/openai-compatible"];

/** One file for each lint rule that the project configures. */
const lint: Record<string, string> = {
  useImportType: 'import { Stats } from "node:fs";\nexport const size = (stats: Stats): number => stats.size;\n',
  noDefaultExport: "export default function main(): void {}\n",
  noNonNullAssertion: "export const first = (list: string[]): string => list[0]!;\n",
  useNodejsImportProtocol: 'import { join } from "path";\nexport const both = join("a", "b");\n',
  noExplicitAny: "export const same = (value: any): unknown => value;\n",
  noEmptyBlockStatements: "export function run(work: () => void): void {\n  try {\n    work();\n  } catch {}\n}\n",
  noConsole: 'console.log("said");\n',
  noUnusedImports: 'import { join } from "node:path";\nexport const one = 1;\n',
  noUnusedVariables: "const two = 2;\nexport const one = 1;\n",
  noBarrelFile: 'export { one } from "./noUnusedVariables.ts";\n',
  noReExportAll: 'export * from "./noUnusedVariables.ts";\n',
};

describe("the code rules", () => {
  let tree: string;
  const put = (file: string, content: string): void => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), content);
  };
  before(() => {
    tree = realpathSync(mkdtempSync(join(tmpdir(), "tutti-rules-")));
    for (const file of [".dependency-cruiser.cjs", "tsconfig.json", "biome.json", ".gitignore"])
      cpSync(join(root, file), join(tree, file));
    put("package.json", JSON.stringify({ name: "planted", type: "module" }));
  });
  after(() => rmSync(tree, { recursive: true, force: true }));

  it("report each forbidden import, and no allowed one", function () {
    this.timeout(60_000);
    for (const file of imported) put(file, "export const thing = 1;\n");
    put("server/model/round.ts", 'import type { T } from "./circle.ts";\nexport type U = T | string;\n');
    for (const name of packages) {
      put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", exports: "./index.js" }));
      put(`node_modules/${name}/index.js`, "module.exports = {};\n");
    }
    for (const [file, name] of [...Object.values(faults), ...sound])
      put(file, `import type * as It from "${name}";\nexport type T = keyof typeof It;\n`);
    const cruiser = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
    const folders = new Set([...Object.values(faults), ...sound].map(([file]) => file.split("/")[0] ?? ""));
    const run = spawnSync(
      process.execPath,
      [
        ...["--import", join(root, "test/house/legacy-typescript.mjs"), cruiser],
        ...["--config", ".dependency-cruiser.cjs", "--output-type", "json", ...folders],
      ],
      { cwd: tree, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
    );
    const { summary } = JSON.parse(run.stdout) as {
      summary: { violations: { from: string; rule: { name: string; severity: string } }[] };
    };
    const red = summary.violations
      .filter(({ rule }) => rule.severity === "error")
      .map(({ from, rule }) => `${rule.name}: ${from}`);
    const expected = Object.entries(faults).map(([rule, [file]]) => `${rule}: ${file}`);
    assert.deepEqual(red.toSorted(), expected.toSorted());
    assert.deepEqual(
      Object.keys(faults),
      forbidden.map(({ name }) => name),
    );
  });

  it("report a violation of each configured lint rule", () => {
    const named = Object.values(biome.linter.rules)
      .filter((group) => typeof group === "object")
      .flatMap((group) => Object.entries(group).flatMap(([rule, level]) => (level === "error" ? [rule] : [])));
    assert.deepEqual(Object.keys(lint).toSorted(), named.toSorted());
    for (const [rule, content] of Object.entries(lint)) put(`server/planted/${rule}.ts`, content);
    const program = join(root, "node_modules/@biomejs/biome/bin/biome");
    const run = spawnSync(
      process.execPath,
      [program, "lint", "--max-diagnostics=200", "--reporter=json", "server/planted"],
      { cwd: tree, encoding: "utf8" },
    );
    const { diagnostics } = JSON.parse(run.stdout) as {
      diagnostics: { severity: string; category: string; location: { path: string | { file: string } } }[];
    };
    const red = new Set(
      diagnostics
        .filter(({ severity }) => severity === "error")
        .map(
          ({ category, location: { path } }) =>
            `${category.split("/").at(-1)}: ${typeof path === "string" ? path : path.file}`,
        ),
    );
    for (const rule of named)
      assert.ok(red.has(`${rule}: server/planted/${rule}.ts`), `${rule} is not red: ${[...red]}`);
    assert.notEqual(run.status, 0);
  });
});

describe("the repository", () => {
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  const code = files.filter((file) => /\.(tsx?|mjs|cjs)$/.test(file));
  const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
  const readJson = (file: string): unknown => JSON.parse(textOf(file));

  it("checks every folder with code", () => {
    const { scripts } = readJson("package.json") as { scripts: Record<string, string> };
    const { include } = readJson("tsconfig.json") as { include: string[] };
    const folders = new Set(
      code.filter((file) => file.endsWith(".ts") && file.includes("/")).map((file) => file.split("/")[0]),
    );
    for (const folder of folders) {
      assert.ok(scripts.deps?.split(" ").includes(folder ?? ""), `npm run deps leaves out ${folder}/`);
      assert.ok(include.includes(`${folder}/**/*.ts`), `tsconfig.json leaves out ${folder}/`);
    }
  });

  it("has a comment at the top of each source file", () => {
    const silent = code.filter((file) => !file.startsWith("test/") && !/^(#!.*\n)?\/[/*]/.test(textOf(file)));
    assert.deepEqual(silent, []);
  });

  it("has no TODO comments, and names no registry", () => {
    const undone = code.filter((file) => /^\s*(\/\/|\/?\*+).*\b(TODO|FIXME|XXX)\b/m.test(textOf(file)));
    assert.deepEqual(undone, []);
    const registry = new RegExp(["registry", "(npmjs|yarnpkg|npmmirror)", "[a-z]+"].join("\\."), "i");
    assert.deepEqual(
      files.filter((file) => registry.test(textOf(file))),
      [],
    );
  });

  it("loads no HTTP client at startup", () => {
    const early = code.filter(
      (file) =>
        /^(bin|cli|client|server|protocol)\//.test(file) && /^import (?!type ).*from "node:https?"/m.test(textOf(file)),
    );
    assert.deepEqual(early, []);
  });

  it("pins every package to one version, without URLs in the lock file", () => {
    const about = readJson("package.json") as Record<string, Record<string, string> | undefined>;
    const wanted = ["dependencies", "optionalDependencies", "devDependencies", "overrides"].flatMap((kind) =>
      Object.entries(about[kind] ?? {}),
    );
    assert.ok(wanted.length > 20);
    const loose = wanted.filter(([, version]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(version));
    assert.deepEqual(loose, []);
    const lock = readJson("package-lock.json") as {
      packages: Record<string, { version?: string; resolved?: string; integrity?: string; link?: boolean }>;
    };
    const unpinned = Object.entries(lock.packages).filter(
      ([path, { resolved, integrity }]) => path !== "" && (resolved !== undefined || integrity === undefined),
    );
    assert.deepEqual(unpinned, []);
    for (const [name, version] of wanted)
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version.replace(/^npm:.*@/, ""), name);
  });

  it("has its native packages for every platform", () => {
    const paths = Object.keys((readJson("package-lock.json") as { packages: object }).packages);
    const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];
    for (const family of ["@vscode/ripgrep-", "@esbuild/", "@biomejs/cli-"])
      for (const platform of platforms)
        assert.ok(
          paths.some((path) => path.startsWith(`node_modules/${family}${platform}`)),
          `${family}${platform}`,
        );
  });
});
