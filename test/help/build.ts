/** Builds the program if a source file is newer than the last build. */
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

/** Shares the compile cache, because each test has a new home. */
export const compileCache = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled") };

function latestChange(path: string): number {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path).map((name) => (name === "node_modules" ? 0 : latestChange(join(path, name)))),
  );
}

export function build(): void {
  const built = statSync(join(root, "dist", "tutti.cjs"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.every((source) => latestChange(join(root, source)) <= built)) return;
  execFileSync(process.execPath, ["esbuild.mjs"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
