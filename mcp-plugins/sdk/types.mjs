// Type declarations of the SDK for the copy in new plugins. Compiling takes seconds, so the result is cached until a source changes.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = join(here, "../..");
const cache = join(root, "node_modules/.cache/plugin-sdk");

/** Copies them to a folder. If compiling fails, the compiler reports it and the folder gets no types; `npm run types` catches that. */
export async function copyTypes(folder) {
  const cached = join(cache, computeKey());
  if (!existsSync(cached)) {
    const temporary = `${cached}.${process.pid}`;
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const child = spawn(process.execPath, [compiler, "-p", here, "--outDir", temporary], { stdio: "inherit" });
    const [status] = await once(child, "close");
    if (status === 0 && !existsSync(cached)) {
      // If two builds run at once, the first result wins.
      rmSync(cached, { recursive: true, force: true });
      renameSync(temporary, cached);
    } else rmSync(temporary, { recursive: true, force: true });
    if (status !== 0) return;
  }
  cpSync(cached, folder, { recursive: true });
}

function computeKey() {
  const own = readdirSync(here).filter((name) => /\.(ts|json)$/.test(name));
  const sources = [
    ...own.map((name) => join(here, name)),
    join(root, "protocol/plugin.ts"),
    join(root, "tsconfig.json"),
  ];
  const hash = createHash("sha256");
  for (const source of sources.toSorted()) hash.update(readFileSync(source));
  return hash.digest("hex").slice(0, 16);
}
