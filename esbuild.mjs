// Builds dist/: one bundle that every run needs, and one for each part that is loaded on demand.
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build as bundle } from "esbuild";
import { createSbom, formatLicenses, recordPackages } from "./bin/bill-of-materials.mjs";
import { buildBrowserPage, buildGuestPage } from "./bin/build-page.mjs";
import { copyTypes } from "./mcp-plugins/sdk/types.mjs";
import { embedTemplates } from "./mcp-plugins/templates/embed.mjs";
import { embedDefinitions } from "./server/definitions/builtin/embed.mjs";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist", { recursive: true });

const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const packages = new Set();
const build = recordPackages(bundle, packages);

/** Each module loaded with `await import()` becomes a separate bundle, so that a start reads and compiles only what it needs. */
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

/** Bundles only zod's English messages, of its 40 languages. */
const englishOnly = {
  name: "zod-in-english",
  setup(build) {
    build.onLoad({ filter: /zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** zod is one shared bundle: the AI SDK and our own validation use it in many bundles. A bundle that imports it without use omits it. */
const kinds = { zod: "classic", "zod/v4": "classic", "zod/v4/core": "core", "zod/v4/mini": "mini" };
const zodOnce = {
  name: "zod-once",
  setup(build) {
    build.onResolve({ filter: /^zod(\/v4(\/(core|mini))?)?$/ }, ({ path, importer }) =>
      importer === "" || /node_modules[/\\]zod[/\\]/.test(importer)
        ? null
        : { path: kinds[path], namespace: "zod", sideEffects: false },
    );
    build.onLoad({ filter: /.*/, namespace: "zod" }, ({ path }) => ({
      contents: `module.exports = require("./zod.cjs").${path};`,
    }));
    build.onResolve({ filter: /^\.\/zod\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/**
 * terminal-kit loads its parts dynamically, which a bundler cannot follow. Only its terminal is used: everything else (image readers,
 * emoji tables) is left out.
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

/** Packages that are loaded on first use: preparing their tables takes longer than drawing the first frame. */
const lazyPackages = {
  "string-width": (file) => `module.exports = (text) => require(${file}).default(text);`,
  marked: (file) => `Object.defineProperty(exports, "Lexer", { enumerable: true, get: () => require(${file}).Lexer });`,
  fzf: (file) => `Object.defineProperty(exports, "Fzf", { enumerable: true, get: () => require(${file}).Fzf });`,
};
const loadLazily = {
  name: "load-lazily",
  setup(build) {
    const filter = new RegExp(`^(${Object.keys(lazyPackages).join("|")})$`);
    build.onResolve({ filter }, async ({ path, resolveDir, pluginData }) => {
      if (pluginData === "package") return null;
      const found = await build.resolve(path, { kind: "import-statement", resolveDir, pluginData: "package" });
      return { path, namespace: "lazy", pluginData: found.path };
    });
    build.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path, pluginData }) => ({
      contents: lazyPackages[path](JSON.stringify(pluginData)),
      resolveDir: ".",
    }));
  },
};

/**
 * Replaces zod with a stub in the bundles of clients, which use the protocol's method names but never validate. That makes their start
 * much faster. All other bundles include zod.
 */
const withoutSchemas = {
  name: "without-schemas",
  setup(build) {
    build.onResolve({ filter: /^zod$/ }, () => ({ path: "zod", namespace: "stub" }));
    build.onLoad({ filter: /.*/, namespace: "stub" }, () => ({
      contents: `
        const stub = new Proxy(() => stub, { get: () => stub });
        exports.z = stub;`,
    }));
  },
};

/** What `import.meta.url` is in a bundle, which is CommonJS. Removed from those that do not use it: it takes 0.3 ms at a start. */
const moduleUrl = 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;\n';

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
  // Loading the bundles with `require` does not start Node's loader of ES modules, which takes 20 ms.
  supported: { "dynamic-import": false },
  define: { "import.meta.url": "__importMetaUrl" },
  banner: { js: moduleUrl.trimEnd() },
  loader: { "": "empty" },
  plugins: [zodOnce, splitAtImports, englishOnly, terminalKit, loadLazily, embedTemplates, embedDefinitions],
  logLevel: "warning",
};

/** Each plugin is a separate program in one self-contained file. Built in parallel with the rest. */
const shipped = readdirSync("mcp-plugins").filter((name) => existsSync(`mcp-plugins/${name}/main.ts`));
const standalone = { ...options, plugins: [englishOnly] };
const plugins = build({
  ...standalone,
  entryPoints: {
    ...Object.fromEntries(shipped.map((name) => [name, `mcp-plugins/${name}/main.ts`])),
    "opencode/adapter": "mcp-plugins/opencode/adapter.ts",
  },
  outdir: "dist/plugins",
  outExtension: { ".js": ".cjs" },
});

/** The SDK as new plugins get it: a package without dependencies. */
const sdk = build({
  ...standalone,
  format: "esm",
  define: {},
  // Some dependencies still call `require`.
  banner: { js: 'import{createRequire as __require}from"node:module";const require=__require(import.meta.url);' },
  entryPoints: { plugin: "mcp-plugins/sdk/plugin.ts", http: "mcp-plugins/sdk/http.ts" },
  splitting: true,
  chunkNames: "shared",
  outdir: "dist/plugin-sdk",
});
const types = copyTypes("dist/plugin-sdk/types");

/** The web page, also without schemas. The grammars are a separate script, loaded when the first code block is shown. */
const pageOptions = {
  bundle: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [withoutSchemas],
  outdir: "dist/web",
  logLevel: "warning",
};
const page = build({
  ...pageOptions,
  entryPoints: { webview: "web/webview.ts", grammars: "web/grammars.ts", style: "web/style.css" },
});
const browserPage = Promise.all([buildBrowserPage(build, pageOptions), buildGuestPage(build, pageOptions)]);

const zod =
  'export * as classic from "zod/v4"; export * as core from "zod/v4/core"; export * as mini from "zod/v4/mini";';
await build({ ...options, plugins: [englishOnly], stdin: { contents: zod, resolveDir: "." }, outfile: "dist/zod.cjs" });
const file = { ...options, outdir: "dist", outExtension: { ".js": ".cjs" } };
const withoutZod = { ...file, plugins: [withoutSchemas, ...options.plugins] };
await build({ ...file, entryPoints: { tutti: "bin/entry.ts" } });
await build({ ...withoutZod, entryPoints: { terminal: "bin/terminal.ts" } });
for (const built = new Set(); ; ) {
  const todo = [...lazy].filter(([path]) => !built.has(path));
  if (todo.length === 0) break;
  for (const [path] of todo) built.add(path);
  for (const variant of [file, withoutZod]) {
    const modules = todo.filter(([path]) => /[/\\]bin[/\\]attach\.ts$/.test(path) === (variant === withoutZod));
    await build({ ...variant, entryPoints: Object.fromEntries(modules.map(([path, name]) => [name, path])) });
  }
}

/** Loads a plugin of OpenCode, which may be an ES module that waits while it is loaded. */
const opencodePlugin = build({
  ...standalone,
  format: "esm",
  supported: {},
  define: {},
  banner: {},
  entryPoints: { "opencode/plugin": "mcp-plugins/opencode/child.ts" },
  outdir: "dist/plugins",
  outExtension: { ".js": ".mjs" },
});

await Promise.all([plugins, opencodePlugin, sdk, types, page, browserPage]);

for (const path of globSync("dist/{*,plugins/**/*}.cjs")) {
  const text = readFileSync(path, "utf8");
  const isUsed = text.indexOf("__importMetaUrl", moduleUrl.length) >= 0;
  if (text.startsWith(moduleUrl) && !isUsed) writeFileSync(path, text.slice(moduleUrl.length));
}

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
cpSync("server/node/shims", "dist/shims", { recursive: true });

const root = json("package.json");

/** The packaged extension: its bundle, the web page and the complete program. */
const folder = "dist/extension";
await build({
  ...options,
  plugins: [withoutSchemas],
  external: ["vscode"],
  entryPoints: { main: "bin/vscode.ts" },
  outdir: folder,
  outExtension: { ".js": ".cjs" },
});
for (const name of ["README.md", "icon.png", "media"])
  cpSync(`extension/${name}`, `${folder}/${name}`, { recursive: true });
cpSync("LICENSE", `${folder}/LICENSE`);
cpSync("NOTICE", `${folder}/NOTICE`);
for (const name of ["webview.js", "grammars.js", "style.css"]) cpSync(`dist/web/${name}`, `${folder}/web/${name}`);
const manifest = { ...json("extension/package.json"), version: root.version };
writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
cpSync("bin/tutti.cjs", `${folder}/program/bin/tutti.cjs`);
for (const name of readdirSync("dist").filter((name) => !["extension", "desktop", "web"].includes(name)))
  cpSync(`dist/${name}`, `${folder}/program/dist/${name}`, { recursive: true });
cpSync("dist/web/browser", `${folder}/program/dist/web/browser`, { recursive: true });

/** The desktop application, which Electron runs; electron-builder packs it with the program of the extension. */
await build({
  ...options,
  plugins: [withoutSchemas],
  external: ["electron"],
  entryPoints: { main: "bin/desktop.ts" },
  outdir: "dist/desktop",
  outExtension: { ".js": ".cjs" },
});
cpSync("web/static/icon-512.png", "dist/desktop/icon.png");
const application = { name: "tutti-desktop", productName: "Tutti", version: root.version, main: "main.cjs" };
writeFileSync("dist/desktop/package.json", `${JSON.stringify(application, null, 2)}\n`);

const known = { root, lock: json("package-lock.json") };
writeFileSync("dist/sbom.cdx.json", `${JSON.stringify(createSbom(packages, known), null, 2)}\n`);
writeFileSync("dist/THIRD-PARTY.txt", formatLicenses(packages, known));
for (const name of ["sbom.cdx.json", "THIRD-PARTY.txt"]) cpSync(`dist/${name}`, `${folder}/${name}`);
process.stdout.write(
  `built tutti ${root.version}: ${lazy.size + 2} files in dist/, ${shipped.length} plugins in dist/plugins/\n`,
);
