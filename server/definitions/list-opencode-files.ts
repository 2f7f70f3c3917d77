/** Where OpenCode's configuration files are. */
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { listProjectFolders } from "../config/load.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import { isWithin } from "../workspace/within.ts";
import type { DefinitionFilesInput } from "./definition-files.ts";
import { listDefinitionFolders, listUserFolders, opencodeFileNames } from "./locations.ts";

export function hasOpencodeFiles(input: DefinitionFilesInput): boolean {
  const { own, inProject } = listOpencodeFiles(input);
  return own.length + inProject.length > 0;
}

/** Existing files, each once; a link in a project that leads out of it is not followed. */
export function listOpencodeFiles(input: DefinitionFilesInput): { own: string[]; inProject: string[] } {
  const { OPENCODE_CONFIG: named } = input.env;
  const seen = new Set<string>();
  const isNew = (path: string): boolean => {
    if (!existsSync(path)) return false;
    const real = resolveRealPath(path);
    return !seen.has(real) && seen.add(real) !== undefined;
  };
  const own = [
    ...listUserFolders(input)
      .filter((folder) => /opencode$/.test(folder) || folder === input.env.OPENCODE_CONFIG_DIR)
      .flatMap(listFiles),
    ...(named !== undefined && isAbsolute(named) ? [named] : []),
  ].filter(isNew);
  if (!input.project) return { own, inProject: [] };
  const folders = listProjectFolders(input.root);
  const within = folders[0] ?? input.root;
  const places = folders.flatMap((folder) => [folder, ...listDefinitionFolders(folder).filter(isOpencode)]);
  const inProject = places.flatMap(listFiles).filter(isNew);
  return { own, inProject: inProject.filter((path) => isWithin(resolveRealPath(path), within)) };
}

const isOpencode = (folder: string): boolean => folder.endsWith(".opencode");

const listFiles = (folder: string): string[] => opencodeFileNames.map((name) => join(folder, name));
