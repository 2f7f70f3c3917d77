/** Writes the files of a new plugin, which runs as it is written. For `tutti plugins new`. */
import { cp, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lang, sdk, readTemplate } from "./files.ts";

/** Stands for the plugin's name in the templates. */
const PLACEHOLDER = "plugin-name";
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const SDK_FOLDER = "node_modules/tutti-plugin";

/**
 * Writes into `folder`, which must be empty or not there, and returns the paths of what it wrote, in it. In TypeScript the SDK comes
 * along under node_modules/, so that nothing needs to be installed. Throws, in words for a person, where the name or the folder will
 * not do; then nothing is written.
 */
export async function scaffold(folder: string, name: string, lang: Lang): Promise<string[]> {
  if (!NAME.test(name))
    throw new Error(
      `${JSON.stringify(name)} is no name for a plugin: a-z, 0-9 and -, 40 letters at most, no - in front`,
    );
  if (!(await isMissingOrEmpty(folder))) throw new Error(`${folder} is not empty; nothing was written`);
  const written: string[] = [];
  for (const [path, text] of Object.entries(await readTemplate(lang))) {
    // npm leaves files of that name out of packages; in the templates it has no dot.
    const file = path === "gitignore" ? ".gitignore" : path;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text.replaceAll(PLACEHOLDER, name), { flag: "wx" });
    written.push(file);
  }
  if (lang === "ts") {
    await cp(fileURLToPath(sdk), join(folder, SDK_FOLDER), { recursive: true });
    const files = await readdir(join(folder, SDK_FOLDER), { recursive: true, withFileTypes: true });
    const paths = files.filter((entry) => entry.isFile()).map(({ parentPath, name: file }) => join(parentPath, file));
    written.push(...paths.map((path) => relative(folder, path).replaceAll("\\", "/")));
  }
  return written.toSorted();
}

async function isMissingOrEmpty(folder: string): Promise<boolean> {
  try {
    if (!(await lstat(folder)).isDirectory()) return false;
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return true;
    throw error;
  }
}
