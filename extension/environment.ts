/** What the server is started with: the editor's environment without what is the editor's own, and which Node is new enough. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What the editor tells its own children is not the server's, and less so that of what the server starts. */
export function environment(own: NodeJS.ProcessEnv, more: Record<string, string>, appRoot: string): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(([name]) => !/^(VSCODE_|ELECTRON_|CODE_SERVER_)/.test(name));
  const rg = ripgrep(appRoot);
  return { ...Object.fromEntries(kept), ...(rg !== undefined && { TUTTI_RIPGREP: rg }), ...more };
}

export function runs(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 22);
}

/** The one that the editor searches with. */
function ripgrep(appRoot: string): string | undefined {
  const name = process.platform === "win32" ? "rg.exe" : "rg";
  const platform = `ripgrep-${process.platform}-${process.arch}`;
  const packages = ["ripgrep", platform, "ripgrep-universal"].flatMap((one) => [
    join(appRoot, "node_modules", "@vscode", one, "bin", name),
    join(appRoot, "node_modules.asar.unpacked", "@vscode", one, "bin", name),
    join(appRoot, "node_modules", "@vscode", one, "bin", `${process.platform}-${process.arch}`, name),
  ]);
  return packages.find((file) => existsSync(file));
}
