/** Finds the programs that a project uses for a file, and where they are installed. */
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { delimiter, dirname, extname, isAbsolute, join, relative } from "node:path";
import { type Program, programs } from "./table.ts";

/** A program with its arguments, run in the folder with its configuration. */
export interface Job {
  name: string;
  argv: readonly [string, ...string[]];
  cwd: string;
  task: "format" | "lint";
  usesStdin: boolean;
}

export async function findJobs(file: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Job[]> {
  const folders = await foldersAbove(file, cwd);
  const extension = extname(file).slice(1).toLowerCase();
  const jobs: Job[] = [];
  for (const program of programs.filter(({ extensions }) => extensions.includes(extension))) {
    const configFolder = await findFirst(folders, (folder) => isConfigured(program, folder));
    const command = configFolder === null ? null : await findProgram(program, folders, env);
    if (configFolder === null || command === null) continue;
    for (const task of ["format", "lint"] as const) {
      const args = program[task];
      if (!args || (task === "format" && jobs.some((job) => job.task === "format"))) continue;
      const edition = program.name === "rustfmt" ? await rustEdition(folders) : [];
      const argv = [command, ...edition, ...args.map((word) => word.replace("{file}", file))] as const;
      jobs.push({ name: program.name, argv, cwd: configFolder, task, usesStdin: program.usesStdin ?? false });
    }
  }
  return jobs.toSorted((a, b) => (a.task === b.task ? 0 : a.task === "format" ? -1 : 1));
}

/** The folder of a file and its parents, up to the root of the repository, or to `cwd` without one. Empty for a file outside `cwd`. */
async function foldersAbove(file: string, cwd: string): Promise<string[]> {
  const relativePath = relative(cwd, file);
  if (relativePath.startsWith("..") || isAbsolute(relativePath)) return [];
  const folders: string[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder);
    if (await exists(join(folder, ".git"))) return folders;
    if (folder === dirname(folder)) break;
  }
  return folders.slice(0, folders.indexOf(cwd) + 1);
}

async function isConfigured({ configMarkers }: Program, folder: string): Promise<boolean> {
  for (const marker of configMarkers) {
    if (typeof marker === "string") {
      if (await exists(join(folder, marker))) return true;
    } else if (marker.has.test(await readText(join(folder, marker.file)))) return true;
  }
  return false;
}

async function findProgram({ name, from }: Program, folders: readonly string[], env: NodeJS.ProcessEnv) {
  const pathFolders = (env.PATH ?? "").split(delimiter).filter(isAbsolute);
  const localFolders = folders.flatMap((folder) => {
    if (from === "node") return [join(folder, "node_modules", ".bin")];
    if (from === "python")
      return [".venv", "venv"].flatMap((venv) => ["bin", "Scripts"].map((bin) => join(folder, venv, bin)));
    return [];
  });
  if (from === "python" && env.VIRTUAL_ENV) localFolders.push(join(env.VIRTUAL_ENV, "bin"));
  const file = process.platform === "win32" ? `${name}.exe` : name;
  const folder = await findFirst([...localFolders, ...pathFolders], (entry) => isProgram(join(entry, file)));
  return folder === null ? null : join(folder, file);
}

/** With standard input, rustfmt does not read the edition from Cargo.toml. */
async function rustEdition(folders: readonly string[]): Promise<string[]> {
  for (const folder of folders) {
    const edition = /^edition\s*=\s*"(\d{4})"/m.exec(await readText(join(folder, "Cargo.toml")))?.[1];
    if (edition !== undefined) return ["--edition", edition];
  }
  return [];
}

async function findFirst<T>(list: readonly T[], predicate: (one: T) => Promise<boolean>): Promise<T | null> {
  for (const one of list) if (await predicate(one)) return one;
  return null;
}

/** Inaccessible files count as missing. */
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const readText = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
const isProgram = async (path: string): Promise<boolean> => {
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
};
