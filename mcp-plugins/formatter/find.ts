/** Which programs a project uses for a file, and where they are installed. */
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { delimiter, dirname, extname, isAbsolute, join, relative } from "node:path";
import { type Program, programs } from "./table.ts";

/** One program with its arguments, run in the folder whose configuration asks for it. */
export interface Job {
  name: string;
  argv: readonly [string, ...string[]];
  cwd: string;
  does: "format" | "lint";
  overStdin: boolean;
}

export async function jobsFor(file: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Job[]> {
  const folders = await foldersAbove(file, cwd);
  const extension = extname(file).slice(1).toLowerCase();
  const jobs: Job[] = [];
  for (const program of programs.filter(({ extensions }) => extensions.includes(extension))) {
    const shown = await first(folders, (folder) => shows(program, folder));
    const command = shown === null ? null : await installed(program, folders, env);
    if (shown === null || command === null) continue;
    for (const does of ["format", "lint"] as const) {
      const words = program[does];
      if (!words || (does === "format" && jobs.some((job) => job.does === "format"))) continue;
      const edition = program.name === "rustfmt" ? await rustEdition(folders) : [];
      const argv = [command, ...edition, ...words.map((word) => word.replace("{file}", file))] as const;
      jobs.push({ name: program.name, argv, cwd: shown, does, overStdin: program.overStdin ?? false });
    }
  }
  return jobs.toSorted((a, b) => (a.does === b.does ? 0 : a.does === "format" ? -1 : 1));
}

/** The folder of a file and those above it, up to the repository's, or to `cwd` where there is none; none for a file outside of it. */
async function foldersAbove(file: string, cwd: string): Promise<string[]> {
  const below = relative(cwd, file);
  if (below.startsWith("..") || isAbsolute(below)) return [];
  const folders: string[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder);
    if (await exists(join(folder, ".git"))) return folders;
    if (folder === dirname(folder)) break;
  }
  return folders.slice(0, folders.indexOf(cwd) + 1);
}

async function shows({ shownBy }: Program, folder: string): Promise<boolean> {
  for (const sign of shownBy) {
    if (typeof sign === "string") {
      if (await exists(join(folder, sign))) return true;
    } else if (sign.has.test(await textOf(join(folder, sign.file)))) return true;
  }
  return false;
}

async function installed({ name, from }: Program, folders: readonly string[], env: NodeJS.ProcessEnv) {
  const places = (env.PATH ?? "").split(delimiter).filter(isAbsolute);
  const near = folders.flatMap((folder) => {
    if (from === "node") return [join(folder, "node_modules", ".bin")];
    if (from === "python")
      return [".venv", "venv"].flatMap((venv) => ["bin", "Scripts"].map((bin) => join(folder, venv, bin)));
    return [];
  });
  if (from === "python" && env.VIRTUAL_ENV) near.push(join(env.VIRTUAL_ENV, "bin"));
  const file = process.platform === "win32" ? `${name}.exe` : name;
  const folder = await first([...near, ...places], (place) => isProgram(join(place, file)));
  return folder === null ? null : join(folder, file);
}

/** Over standard input rustfmt does not look for the edition by itself. */
async function rustEdition(folders: readonly string[]): Promise<string[]> {
  for (const folder of folders) {
    const edition = /^edition\s*=\s*"(\d{4})"/m.exec(await textOf(join(folder, "Cargo.toml")))?.[1];
    if (edition !== undefined) return ["--edition", edition];
  }
  return [];
}

async function first<T>(list: readonly T[], fits: (one: T) => Promise<boolean>): Promise<T | null> {
  for (const one of list) if (await fits(one)) return one;
  return null;
}

/** Whatever cannot be looked at is not there for us. */
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
const isProgram = async (path: string): Promise<boolean> => {
  const facts = await stat(path).catch(() => null);
  if (!facts?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
};
