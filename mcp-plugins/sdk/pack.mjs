// Builds the package `tutti-plugin` for `npm pack`: its modules, with the part of protocol/ that they use, and their types. Writes to
// dist/, or to the folder in the first argument.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const outdir = resolve(process.argv[2] ?? `${here}dist`);
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: ["plugin.ts", "http.ts"],
  outdir,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node22",
  logLevel: "warning",
});
const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const types = spawnSync(process.execPath, [compiler, "-p", here, "--outDir", outdir], { stdio: "inherit" });
process.exit(types.status ?? 1);
