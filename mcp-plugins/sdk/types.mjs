// The types of the SDK for the copy that new plugins get. The compiler takes seconds, so what it made is kept until a source changes.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = join(here, "../..");
const cache = join(root, "node_modules/.cache/plugin-sdk");

/** Puts them into a folder. What does not compile is said, and leaves it without types: `npm run types` is what turns red. */
export async function putTypes(folder) {
  const kept = join(cache, keyOf());
  if (!existsSync(kept)) {
    const draft = `${kept}.${process.pid}`;
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const child = spawn(process.execPath, [compiler, "-p", here, "--outDir", draft], { stdio: "inherit" });
    const [status] = await once(child, "close");
    if (status === 0 && !existsSync(kept)) {
      // Of two builds at once the first to be done is kept.
      rmSync(kept, { recursive: true, force: true });
      renameSync(draft, kept);
    } else rmSync(draft, { recursive: true, force: true });
    if (status !== 0) return;
  }
  cpSync(kept, folder, { recursive: true });
}

function keyOf() {
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
