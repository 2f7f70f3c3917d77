/** The environment of the server process: the editor's, without the editor's own variables. Also checks Node versions. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The editor's internal variables must not reach the server or the commands that it runs. */
export function buildEnvironment(
  base: NodeJS.ProcessEnv,
  overrides: Record<string, string>,
  appRoot: string,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(base).filter(([name]) => !/^(VSCODE_|ELECTRON_|CODE_SERVER_)/.test(name));
  const rg = findRipgrep(appRoot);
  return { ...Object.fromEntries(inherited), ...(rg !== undefined && { TUTTI_RIPGREP: rg }), ...overrides };
}

export function isSupportedNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 22);
}

/** The ripgrep that comes with the editor. */
function findRipgrep(appRoot: string): string | undefined {
  const name = process.platform === "win32" ? "rg.exe" : "rg";
  const platform = `ripgrep-${process.platform}-${process.arch}`;
  const packages = ["ripgrep", platform, "ripgrep-universal"].flatMap((one) => [
    join(appRoot, "node_modules", "@vscode", one, "bin", name),
    join(appRoot, "node_modules.asar.unpacked", "@vscode", one, "bin", name),
    join(appRoot, "node_modules", "@vscode", one, "bin", `${process.platform}-${process.arch}`, name),
  ]);
  return packages.find((file) => existsSync(file));
}
