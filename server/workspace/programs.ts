/**
 * Finds programs as a shell would, but never in a relative folder or in the workspace: a folder's content must not decide which program
 * runs under a common name.
 */
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { resolveRealPath } from "./real-path.ts";
import { isWithin } from "./within.ts";

/** An empty search path would stand for the current folder. */
const DEFAULT_SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";

/** The absolute entries of a search path, without those in `root`. */
export function cleanSearchPath(searchPath: string | undefined, root: string | null = null): string {
  const entries = (searchPath ?? "")
    .split(delimiter)
    .filter((entry) => isAbsolute(entry) && (root === null || !isWithin(resolveRealPath(entry), root)));
  return entries.length === 0 ? DEFAULT_SEARCH_PATH : entries.join(delimiter);
}

/** The absolute path of a program outside of `root`, as named in the search path; null if there is none. */
export function findProgram(name: string, searchPath: string | undefined, root: string): string | null {
  const names = process.platform === "win32" ? [`${name}.exe`, name] : [name];
  for (const folder of cleanSearchPath(searchPath, root).split(delimiter))
    for (const file of names) {
      const path = join(folder, file);
      if (isExecutable(path) && !isWithin(realpathSync(path), root)) return path;
    }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Folders of real programs. A version manager's own folder is not among them: its programs choose a version by the folder's files. */
const INSTALL_FOLDERS =
  /^\/(usr\/(local\/)?)?s?bin\/|^\/usr\/(local\/)?(lib|lib64|libexec|share)\/|^\/opt\/|^\/nix\/store\/|^\/home\/linuxbrew\/|\/\.nvm\/versions\/|\/fnm\/node-versions\/|\/(mise|rtx|\.asdf)\/installs\/|\/\.pyenv\/versions\/|\/\.rbenv\/versions\/|\/\.nodenv\/versions\/|\/\.volta\/tools\/image\/|\/\.rustup\/toolchains\/|\/\.sdkman\/candidates\//;

/**
 * True if a program is installed itself under its name, and is not a link to a launcher that chooses a version by the content of the
 * current folder (rustup, volta, asdf, mise, corepack and others). `real` is its real path.
 */
export function isInstalledProgram(name: string, real: string): boolean {
  if (/\/shims?\//.test(real)) return false;
  // Launchers of node are scripts, or have another name.
  if (name === "node" && real.endsWith("/bin/node")) return isNative(real);
  if (!INSTALL_FOLDERS.test(real)) return false;
  if (name === "npm" || name === "npx") return real.endsWith(`/node_modules/npm/bin/${name}-cli.js`);
  if (name === "tsc") return real.endsWith("/node_modules/typescript/bin/tsc");
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(/|-)${plain}(-?[\\d.]+)?$`).test(real);
}

/** The first bytes of programs: ELF, Mach-O in both byte orders, universal Mach-O, and Windows. */
const NATIVE_STARTS = ["7f454c46", "cffaedfe", "feedfacf", "cafebabe", "4d5a"];

function isNative(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(4);
    readSync(file, start, 0, 4, 0);
    return NATIVE_STARTS.some((known) => start.toString("hex").startsWith(known));
  } finally {
    closeSync(file);
  }
}
