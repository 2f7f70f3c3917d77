/** Writes the files of a new plugin that works immediately, for `tutti plugins new`. */
import { cp, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lang, readTemplate, sdk } from "./files.ts";

/** Replaced with the name of the plugin. */
const PLACEHOLDER = "plugin-name";
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const SDK_FOLDER = "node_modules/tutti-plugin";

/**
 * Writes into `folder`, which must be empty or missing, and returns the relative paths of the files. For TypeScript it copies the SDK to
 * node_modules/, so that nothing needs to be installed. If the name or the folder is invalid, throws a message for the user and writes
 * nothing.
 */
export async function scaffold(folder: string, name: string, lang: Lang): Promise<string[]> {
  if (!NAME.test(name))
    throw new Error(
      `${JSON.stringify(name)} is not a valid plugin name. Use a-z, 0-9 and -, at most 40 characters, not starting with -`,
    );
  if (!(await isMissingOrEmpty(folder))) throw new Error(`${folder} is not empty; nothing was written`);
  const written: string[] = [];
  for (const [path, text] of Object.entries(await readTemplate(lang))) {
    // npm does not include .gitignore in packages, so the template has no dot.
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
