/** The files that define agents, skills and commands for a folder: the user's own, and those of its project with the user's trust. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { listProjectFolders } from "../config/load.ts";
import { createItem, hashContent } from "../config/project-items.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { ProjectItem } from "../config/trust-items.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import type { DefinitionIndex } from "./definition-index.ts";
import { type FoundFile, findFiles } from "./find-files.ts";
import {
  type DefinitionKind,
  folderNames,
  listDefinitionFolders,
  listUserFolders,
  type UserFoldersInput,
} from "./locations.ts";

export interface DefinitionFile {
  owner: "user" | "project";
  path: string;
  /** Below the folder of its kind. */
  relative: string;
  /** Changes with the file; of a project's file, it is a hash of its content. */
  signature: string;
  /** Of a project's file: what the user trusts. */
  item?: ProjectItem;
  read(): { text: string } | { problem: string };
}

export interface DefinitionFilesInput extends UserFoldersInput {
  /** The real path of the opened folder. */
  root: string;
  /** False: only the user's own. */
  project: boolean;
  /** What earlier searches found. */
  index?: Pick<DefinitionIndex, "listing">;
}

const DEPTHS: Readonly<Record<DefinitionKind, number>> = { agent: 3, command: 4, skill: 4 };

const matchers: Readonly<Record<DefinitionKind, (name: string) => boolean>> = {
  agent: (name) => /\.md$/i.test(name),
  command: (name) => /\.md$/i.test(name),
  skill: (name) => /^skill\.md$/i.test(name),
};

/** Lowest priority first: of definitions with the same name, the last one counts. */
export function listDefinitionFiles(kind: DefinitionKind, input: DefinitionFilesInput): DefinitionFile[] {
  const searched = new Set<string>();
  const findIn = (folder: string, within: string | null) =>
    folderNames[kind].flatMap((name) => {
      const path = join(folder, name);
      if (!existsSync(path)) return [];
      const real = resolveRealPath(path);
      // Both programs' folders may be links to one folder; a repository in the home folder would make the user's own files a project's.
      if (searched.has(real)) return [];
      searched.add(real);
      const search = { depth: DEPTHS[kind], matches: matchers[kind], within };
      if (within !== null || !input.index) return findFiles(path, search).files;
      const known = input.index.listing(`${kind} ${path}`);
      const { files, listing } = findFiles(path, search, known.value);
      known.keep(listing);
      return files;
    });
  const own = listUserFolders(input).flatMap((folder) => findIn(folder, null).map(toUserFile));
  if (!input.project) return own;
  const folders = listProjectFolders(input.root);
  const within = folders[0] ?? input.root;
  const inProject = folders.flatMap(listDefinitionFolders).flatMap((folder) => findIn(folder, within));
  return [...own, ...inProject.flatMap((found) => toProjectFile(kind, found))];
}

const toUserFile = (found: FoundFile): DefinitionFile => ({
  ...found,
  owner: "user",
  read: () => readSmallFile(found.path) ?? { problem: "The file was removed." },
});

/** Empty for a file without content. */
function toProjectFile(kind: DefinitionKind, found: FoundFile): DefinitionFile[] {
  const read = readSmallFile(found.path);
  if (read === null) return [];
  const content = "text" in read ? read.text : read.problem;
  const key = nameOf(kind, found.relative);
  const setting = { path: [`${kind}s`, key], kind, value: content, runs: relaxes(content) };
  return [
    {
      ...found,
      owner: "project",
      signature: hashContent(content),
      item: createItem(setting, found.path),
      read: () => read,
    },
  ];
}

const nameOf = (kind: DefinitionKind, relative: string): string =>
  relative.replace(kind === "skill" ? /\/?SKILL\.md$/i : /\.md$/i, "") || basename(relative);

/** Whether it could run something, or remove an approval: by the text, which may only say too much. */
const relaxes = (text: string): boolean =>
  /^\s*["']?(permissions?|permissionMode|allowed-tools|mode|tools)["']?\s*:/m.test(text) || text.includes("!`");
