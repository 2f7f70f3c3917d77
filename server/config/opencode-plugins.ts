/**
 * Plugins of OpenCode: modules in its `plugin` folders, and those that `plugin` in its configuration names. Each is started by an
 * adapter, as an MCP server, and waits for an approval like every plugin. Nothing is downloaded.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "jsonc-parser";
import { findProgram } from "../workspace/programs.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import { fingerprintFiles } from "./fingerprint.ts";
import { checkJsonLimits } from "./json-limits.ts";
import { listOpencodeFolders, type OpencodeFolder } from "./mcp-config-locations.ts";
import { hashContent } from "./project-items.ts";
import { readSmallFile } from "./small-file.ts";

export interface OpencodePlugin {
  name: string;
  /** The file that names it, or the module itself. */
  source: string;
  place: OpencodeFolder["place"];
  command: string[];
  /** Variables of the environment that its files read. */
  env: string[];
}

interface NamedModule {
  path: string;
  /** The name of its package. */
  title?: string;
  source: string;
  place: OpencodeFolder["place"];
}

export function listOpencodePlugins(
  cwd: string,
  home: string,
  project: boolean,
): { plugins: OpencodePlugin[]; remarks: string[] } {
  const remarks: string[] = [];
  const folders = listOpencodeFolders(cwd, home, project);
  const modules = folders.flatMap((folder) => [
    ...listModules(folder),
    ...listConfigured(folder, home, (text) => remarks.push(text)),
  ]);
  const seen = new Set<string>();
  const names = new Set<string>();
  const plugins = modules.flatMap(({ path, title, source, place }): OpencodePlugin[] => {
    const real = resolveRealPath(path);
    if (seen.has(real)) return [];
    seen.add(real);
    const read = readModule(path);
    if (read === null) {
      remarks.push(`${source} has no effect: ${path} is not a file that can be read.`);
      return [];
    }
    const { files, variables } = read;
    const bun = findProgram("bun", process.env.PATH, cwd);
    const command = [process.execPath, adapterPath(), path, ...(bun === null ? [] : ["--bun", bun]), ...files.slice(1)];
    return [{ name: chooseName(path, title, names), source, place, command, env: variables }];
  });
  return { plugins, remarks };
}

/** Next to the built program; from source, in the folder of the build. */
function adapterPath(): string {
  const places = ["plugins/opencode/adapter.cjs", "../../dist/plugins/opencode/adapter.cjs"];
  const [built = "", other = built] = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return existsSync(built) ? built : other;
}

function chooseName(path: string, title: string | undefined, names: Set<string>): string {
  const stem = basename(path, extname(path)) === "index" ? basename(dirname(path)) : basename(path, extname(path));
  const plain = `opencode-${(title ?? stem)
    .replace(/^@|^opencode-/g, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .slice(0, 40)}`;
  const name = names.has(plain) ? `${plain}-${hashContent(path).slice(0, 6)}` : plain;
  names.add(name);
  return name;
}

const MODULE = /\.[cm]?[jt]s$/;

function listModules({ folder, place, isRoot }: OpencodeFolder): NamedModule[] {
  if (isRoot) return [];
  return ["plugin", "plugins"].flatMap((name) => {
    const at = join(folder, name);
    // An editor's lock beside a file has a name that begins with a dot.
    return listNames(at)
      .filter((file) => MODULE.test(file) && !file.endsWith(".d.ts") && !file.startsWith("."))
      .toSorted()
      .map((file) => ({ path: join(at, file), source: join(at, file), place }));
  });
}

/** Empty if the folder does not exist or cannot be read. */
function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** False also for a path that no file can have. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/** `plugin` in opencode.json: file URLs, paths, and names of packages that are installed. */
function listConfigured(
  { folder, place }: OpencodeFolder,
  home: string,
  remark: (text: string) => void,
): NamedModule[] {
  return ["opencode.json", "opencode.jsonc"].flatMap((name) => {
    const source = join(folder, name);
    const read = readSmallFile(source);
    if (read === null || "problem" in read || checkJsonLimits(read.text) !== null) return [];
    const listed = (parse(read.text, [], { allowTrailingComma: true }) as { plugin?: unknown } | undefined)?.plugin;
    const entries = (Array.isArray(listed) ? listed : []).map((one: unknown) => (Array.isArray(one) ? one[0] : one));
    return entries.flatMap((entry): NamedModule[] => {
      if (typeof entry !== "string" || entry === "") return [];
      const found = resolveEntry(entry, folder, home);
      if ("path" in found) return [{ ...found, source, place }];
      remark(`${source} names the plugin ${JSON.stringify(entry)}, ${found.problem}`);
      return [];
    });
  });
}

function resolveEntry(
  entry: string,
  folder: string,
  home: string,
): Pick<NamedModule, "path" | "title"> | { problem: string } {
  const isUrl = entry.startsWith("file://");
  if (isUrl || /^(\.{1,2}|~)?[/\\]/.test(entry) || isAbsolute(entry)) {
    const path = isUrl ? fromUrl(entry) : resolve(folder, entry.replace(/^~(?=[/\\])/, home));
    const found = path === null ? null : findModule(path);
    return found === null ? { problem: "but there is no such file." } : { path: found };
  }
  const name = entry.replace(/(?<=.)@[^@/]*$/, "");
  const places = [folder, join(folder, ".opencode"), join(home, ".config/opencode"), join(home, ".cache/opencode")];
  const installed = places.map((place) => join(place, "node_modules", name));
  const found = installed.map(findModule).find((path) => path !== null);
  if (found) return { path: found, title: name };
  return {
    problem: `which is not installed, and Tutti downloads nothing. Install it with \`npm install ${name}\` in one of: ${places.join(", ")}.`,
  };
}

function fromUrl(text: string): string | null {
  try {
    return fileURLToPath(text);
  } catch {
    return null;
  }
}

/** A file, with or without its ending, or the main file of a package. */
function findModule(path: string): string | null {
  const file = [path, `${path}.ts`, `${path}.js`].find(isFile);
  if (file !== undefined) return file;
  const main = readMain(join(path, "package.json"));
  const candidates = [...(main === null ? [] : [main, `${main}.js`]), "index.ts", "index.js"];
  return candidates.map((name) => join(path, name)).find(isFile) ?? null;
}

function readMain(file: string): string | null {
  const read = readSmallFile(file);
  if (read === null || "problem" in read) return null;
  const { exports, main, module } = (parse(read.text) ?? {}) as Record<string, unknown>;
  const own = typeof exports === "object" && exports !== null ? (exports as Record<string, unknown>)["."] : exports;
  const conditions = typeof own === "object" && own !== null ? (own as Record<string, unknown>) : {};
  const named = [conditions.import, conditions.default, own, module, main];
  return named.find((one): one is string => typeof one === "string") ?? null;
}

interface ModuleFiles {
  /** The module and every file that it imports by a relative path. */
  files: string[];
  variables: string[];
}

const MAX_FILES = 500;
const IMPORTS = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"']*)["']/g;
const VARIABLES = /\b(?:process|Bun)\.env(?:\.([A-Za-z_]\w*)|\[["']([A-Za-z_]\w*)["']\])/g;
const ENDINGS = ["", ".ts", ".js", ".mjs", ".tsx", "/index.ts", "/index.js"];

/** Null for what is no file, or cannot be read. */
function readText(file: string): string | null {
  try {
    return isFile(file) ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}

/** Each turn asks, so that the files are read again only after one has changed. */
const readModules = new Map<string, { fingerprint: string; read: ModuleFiles }>();

/** Null if the module cannot be read. */
function readModule(module: string): ModuleFiles | null {
  const known = readModules.get(module);
  if (known && fingerprintFiles(known.read.files) === known.fingerprint) return known.read;
  const files = [module];
  const variables = new Set<string>();
  for (let at = 0; at < files.length && files.length < MAX_FILES; at += 1) {
    const file = files[at] ?? module;
    const text = readText(file);
    if (text === null && file === module) return null;
    if (text === null) continue;
    for (const [, dotted, indexed] of text.matchAll(VARIABLES)) variables.add(dotted ?? indexed ?? "");
    for (const [, specifier = ""] of text.matchAll(IMPORTS)) {
      const path = resolve(dirname(file), specifier);
      const candidates = [...ENDINGS.map((ending) => path + ending), path.replace(/\.js$/, ".ts")];
      const found = candidates.find(isFile);
      if (found !== undefined && !files.includes(found)) files.push(found);
    }
  }
  const read = { files, variables: [...variables].toSorted() };
  readModules.set(module, { fingerprint: fingerprintFiles(files), read });
  return read;
}
