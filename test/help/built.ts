/** The program as it is shipped: built where a source is newer than what was built. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const sources = [
  "acp",
  "bin",
  "cli",
  "client",
  "extension",
  "lsp",
  "mcp-plugins",
  "protocol",
  "server",
  "tui",
  "web",
  "esbuild.mjs",
  "package.json",
];
export const bin = join(root, "bin", "tutti.cjs");

/** Homes are new in each test; what was compiled for one serves the others. */
export const compiled = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled") };

function newest(path: string): number {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => (name === "node_modules" ? 0 : newest(join(path, name)))));
}

export function build(): void {
  const built = statSync(join(root, "dist", "tutti.cjs"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.every((source) => newest(join(root, source)) <= built)) return;
  execFileSync(process.execPath, ["esbuild.mjs"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
