/** Reads the templates from their folders. In the bundle, embed.mjs replaces this module with one that contains the texts. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export type Lang = "ts" | "python";

const here = fileURLToPath(new URL("./", import.meta.url));

/** The texts by path. */
export async function readTemplate(lang: Lang): Promise<Record<string, string>> {
  const folder = join(here, lang);
  const found = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = found.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [relative(folder, path).replaceAll("\\", "/"), await readFile(path, "utf8")] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** The built SDK, which has no dependencies. */
export const sdk = new URL("../../dist/plugin-sdk/", import.meta.url);
