// Builds dist/: one file for what every run needs, and one for each part that is loaded only when it is used.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build as bundle } from "esbuild";
import { billOf, licensesText, noting } from "./bin/bill-of-materials.mjs";
import { putTypes } from "./mcp-plugins/sdk/types.mjs";
import { templatesAsText } from "./mcp-plugins/templates/embed.mjs";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist", { recursive: true });

const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const packages = new Set();
const build = noting(bundle, packages);

/** What `await import()` names becomes a file of its own, so that a start reads and compiles only what it needs. */
const lazy = new Map();
const splitAtImports = {
  name: "split-at-dynamic-imports",
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === "seen" || path.startsWith("node:")) return null;
      const found = await build.resolve(path, { kind: "import-statement", resolveDir, pluginData: "seen" });
      if (found.errors.length > 0 || found.external) return null;
      const name = path
        .replace(/^(\.\.?\/)+/, "")
        .replace(/\.[jt]s$/, "")
        .replace(/[^a-z0-9]+/gi, "-");
      const file = lazy.get(found.path) ?? unique(name);
      lazy.set(found.path, file);
      return { path: `./${file}.cjs`, external: true };
    });
  },
};
const unique = (name) => {
  const taken = new Set(lazy.values());
  let file = name;
  for (let count = 2; taken.has(file); count++) file = `${name}-${count}`;
  return file;
};

/** zod carries 40 languages; error texts here are ours or English. */
const englishOnly = {
  name: "zod-in-english",
  setup(build) {
    build.onLoad({ filter: /zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** The AI SDK and our own checks use zod: one copy in a file of its own, loaded and compiled once. */
const kinds = { zod: "classic", "zod/v4": "classic", "zod/v4/core": "core", "zod/v4/mini": "mini" };
const zodOnce = {
  name: "zod-once",
  setup(build) {
    build.onResolve({ filter: /^zod(\/v4(\/(core|mini))?)?$/ }, ({ path, importer }) =>
      importer === "" || /node_modules[/\\]zod[/\\]/.test(importer) ? null : { path: kinds[path], namespace: "zod" },
    );
    build.onLoad({ filter: /.*/, namespace: "zod" }, ({ path }) => ({
      contents: `module.exports = require("./zod.cjs").${path};`,
    }));
    build.onResolve({ filter: /^\.\/zod\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/**
 * terminal-kit finds its parts by names that no bundler sees. Of them only the terminal itself is used here; what else it would load
 * (image readers, menus of emoji) stays out.
 */
const terminalKit = {
  name: "terminal-kit",
  setup(build) {
    build.onLoad({ filter: /terminal-kit[/\\]lib[/\\]termkit\.js$/ }, () => ({
      contents: `
        const termkit = (module.exports = { ...require("./misc.js"), tty: require("./tty.js") });
        termkit.Palette = class {};
        termkit.createTerminal = (options) => require("./Terminal.js").create(options);`,
    }));
    build.onLoad({ filter: /string-kit[/\\]lib[/\\]emoji\.js$/ }, () => ({ contents: "" }));
  },
};

/** Its tables of emoji take longer to make than a first picture to draw: made when the first character asks for them. */
const widthWhenNeeded = {
  name: "string-width-when-needed",
  setup(build) {
    build.onResolve({ filter: /^string-width$/ }, () => ({ path: "string-width", namespace: "when-needed" }));
    build.onLoad({ filter: /.*/, namespace: "when-needed" }, () => ({
      contents: `let real; module.exports = (text) => (real ??= require("./string-width/index.js").default)(text);`,
      resolveDir: "node_modules",
    }));
  },
};

/**
 * The terminal, and what reaches a server for a client, name methods and check nothing: what the protocol's schemas are made of is
 * left out of these files, and with it a good part of a start. Whatever else is loaded has them.
 */
const withoutSchemas = {
  name: "without-schemas",
  setup(build) {
    build.onResolve({ filter: /^zod$/ }, () => ({ path: "zod", namespace: "nothing" }));
    build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({
      contents: `
        const nothing = new Proxy(() => nothing, { get: () => nothing });
        exports.z = nothing;`,
    }));
  },
};

const options = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node22",
  minify: true,
  keepNames: false,
  legalComments: "none",
  mainFields: ["module", "main"],
  conditions: ["module"],
  external: ["@napi-rs/keyring", "@vscode/ripgrep"],
  define: { "import.meta.url": "__importMetaUrl" },
  banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
  inject: ["server/model/headers.ts"],
  loader: { "": "empty" },
  plugins: [zodOnce, splitAtImports, englishOnly, terminalKit, widthWhenNeeded, templatesAsText],
  logLevel: "warning",
};

/** Each plugin is a program of its own, in one file that needs nothing beside it. Made while the rest is. */
const shipped = readdirSync("mcp-plugins").filter((name) => existsSync(`mcp-plugins/${name}/main.ts`));
const alone = { ...options, plugins: [englishOnly], inject: [] };
const plugins = build({
  ...alone,
  entryPoints: Object.fromEntries(shipped.map((name) => [name, `mcp-plugins/${name}/main.ts`])),
  outdir: "dist/plugins",
  outExtension: { ".js": ".cjs" },
});

/** The SDK as new plugins get it: a package that needs no other. */
const sdk = build({
  ...alone,
  format: "esm",
  define: {},
  // Some of what it is made of still calls `require`.
  banner: { js: 'import{createRequire as __require}from"node:module";const require=__require(import.meta.url);' },
  entryPoints: { plugin: "mcp-plugins/sdk/plugin.ts", http: "mcp-plugins/sdk/http.ts" },
  splitting: true,
  chunkNames: "shared",
  outdir: "dist/plugin-sdk",
});
const types = putTypes("dist/plugin-sdk/types");

/** The page: it checks nothing, as the terminal does not. The grammars are a script of their own, loaded when code is seen. */
const page = build({
  bundle: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [withoutSchemas],
  entryPoints: { webview: "web/webview.ts", grammars: "web/grammars.ts", style: "web/style.css" },
  outdir: "dist/web",
  logLevel: "warning",
});

const zod =
  'export * as classic from "zod/v4"; export * as core from "zod/v4/core"; export * as mini from "zod/v4/mini";';
await build({ ...options, plugins: [englishOnly], stdin: { contents: zod, resolveDir: "." }, outfile: "dist/zod.cjs" });
const file = { ...options, outdir: "dist", outExtension: { ".js": ".cjs" } };
const light = { ...file, plugins: [withoutSchemas, ...options.plugins] };
await build({ ...file, entryPoints: { tutti: "bin/entry.ts" } });
await build({ ...light, entryPoints: { terminal: "bin/terminal.ts" } });
for (const built = new Set(); ; ) {
  const todo = [...lazy].filter(([path]) => !built.has(path));
  if (todo.length === 0) break;
  for (const [path] of todo) built.add(path);
  for (const how of [file, light]) {
    const mine = todo.filter(([path]) => /[/\\]bin[/\\]attach\.ts$/.test(path) === (how === light));
    await build({ ...how, entryPoints: Object.fromEntries(mine.map(([path, name]) => [name, path])) });
  }
}

await Promise.all([plugins, sdk, types, page]);

const { name, version: sdkVersion, license } = json("mcp-plugins/sdk/package.json");
const typesOf = (module) => `./types/mcp-plugins/sdk/${module}.d.ts`;
const sdkPackage = {
  name,
  version: sdkVersion,
  license,
  type: "module",
  exports: {
    ".": { types: typesOf("plugin"), default: "./plugin.js" },
    "./http": { types: typesOf("http"), default: "./http.js" },
  },
};
writeFileSync("dist/plugin-sdk/package.json", `${JSON.stringify(sdkPackage, null, 2)}\n`);

cpSync("server/model/catalog.json", "dist/catalog.json");
cpSync("client/themes", "dist/themes", { recursive: true });
cpSync("server/model/scenarios", "dist/scenarios", { recursive: true });

const root = json("package.json");

/** The extension as it is packed: its own file, the page, and the whole program beside them. */
const folder = "dist/extension";
await build({
  ...options,
  plugins: [withoutSchemas],
  inject: [],
  external: ["vscode"],
  entryPoints: { main: "bin/vscode.ts" },
  outdir: folder,
  outExtension: { ".js": ".cjs" },
});
for (const name of ["README.md", "icon.png", "media"])
  cpSync(`extension/${name}`, `${folder}/${name}`, { recursive: true });
cpSync("LICENSE", `${folder}/LICENSE`);
cpSync("NOTICE", `${folder}/NOTICE`);
cpSync("dist/web", `${folder}/web`, { recursive: true });
const manifest = { ...json("extension/package.json"), version: root.version };
writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
cpSync("bin/tutti.cjs", `${folder}/program/bin/tutti.cjs`);
for (const name of readdirSync("dist").filter((name) => name !== "extension" && name !== "web"))
  cpSync(`dist/${name}`, `${folder}/program/dist/${name}`, { recursive: true });

const known = { root, lock: json("package-lock.json") };
writeFileSync("dist/sbom.cdx.json", `${JSON.stringify(billOf(packages, known), null, 2)}\n`);
writeFileSync("dist/THIRD-PARTY.txt", licensesText(packages, known));
for (const name of ["sbom.cdx.json", "THIRD-PARTY.txt"]) cpSync(`dist/${name}`, `${folder}/${name}`);
process.stdout.write(
  `built tutti ${root.version}: ${lazy.size + 2} files in dist/, ${shipped.length} plugins in dist/plugins/\n`,
);
