/**
 * Loads a project's instructions: AGENTS.md, or CLAUDE.md in folders without one, from the working directory up to the repository root,
 * nearest first, then the configured files. A line `@path` imports another file of the repository. Invisible characters are escaped.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { printable } from "../../protocol/printable.ts";
import type { Files } from "../ports.ts";

export interface InstructionFile {
  path: string;
  text: string;
}

export interface LoadedInstructions {
  files: InstructionFile[];
  warnings: string[];
}

/** In order of preference; only the first one in a folder is used. */
export const instructionNames = ["AGENTS.md", "CLAUDE.md"];
const MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 5;

/** `path` is absolute. A path relative to the working folder must not lead out of the repository, because a link there is not the user's. */
export interface ConfiguredFile {
  path: string;
  anywhere: boolean;
}

/** `cwd` and `root` are real paths; `configured` are the files that the configuration names. */
export async function readInstructions(
  files: Files,
  cwd: string,
  root: string,
  configured: readonly ConfiguredFile[],
): Promise<LoadedInstructions> {
  const warnings: string[] = [];
  const found: InstructionFile[] = [];
  for (const folder of listFolders(cwd, root)) {
    for (const name of instructionNames) {
      const path = join(folder, name);
      const text = await read(path, root);
      if (text === null) continue;
      found.push({ path, text: await resolveImports({ path, text }, 1) });
      break;
    }
  }
  for (const { path, anywhere } of configured) {
    const text = await read(path, anywhere ? null : root);
    if (text !== null) found.push({ path, text });
  }
  return { files: found.map((file) => ({ ...file, text: makeVisible(file) })), warnings };

  async function resolveImports({ path, text }: InstructionFile, depth: number): Promise<string> {
    const lines = await Promise.all(
      text.split("\n").map(async (line) => {
        const name = /^@([^\s@]+)\s*$/.exec(line)?.[1];
        if (name === undefined || depth > MAX_DEPTH) return line;
        const target = isAbsolute(name) ? name : join(dirname(path), name);
        const imported = await read(target, root);
        if (imported !== null) return resolveImports({ path: target, text: imported }, depth + 1);
        warnings.push(
          `${path} imports ${name}, which is not a readable file in this repository. The import was skipped.`,
        );
        return line;
      }),
    );
    return lines.join("\n");
  }

  /** Null if there is no such file, or if a link leads out of `within`. */
  async function read(path: string, within: string | null): Promise<string | null> {
    const stat = await files.stat(path).catch(() => null);
    if (stat?.kind !== "file") return null;
    if (within !== null && isOutside(stat.real, within)) {
      warnings.push(`${path} links to ${stat.real} outside of this repository. The file was skipped.`);
      return null;
    }
    const bytes = await files.read(stat.real, MAX_BYTES).catch(() => null);
    if (bytes && stat.size > MAX_BYTES)
      warnings.push(`${path} is longer than ${MAX_BYTES} bytes. The rest was skipped.`);
    return bytes && new TextDecoder().decode(bytes);
  }

  function makeVisible({ path, text }: InstructionFile): string {
    const escaped = printable(text, { keepNewlines: true });
    if (escaped !== text) warnings.push(`${path} contains invisible characters. They are sent to the model as \\u{…}.`);
    return escaped;
  }
}

function isOutside(real: string, folder: string): boolean {
  const relativePath = relative(folder, real);
  return relativePath === ".." || relativePath.startsWith(`..${sep}`) || isAbsolute(relativePath);
}

/** From the working folder up to the repository root, nearest first. */
function listFolders(from: string, root: string): string[] {
  const folders = [from];
  for (let folder = from; folder !== root && dirname(folder) !== folder; ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders.includes(root) ? folders : [from];
}
