/**
 * Instruction files of a project: AGENTS.md, or CLAUDE.md where a folder has none, from the working directory up to the repository's
 * root, nearest first, then the user's own. A line `@path` brings another file of the repository in. Characters that people cannot
 * see are made visible.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { printable } from "../../protocol/printable.ts";
import type { Files } from "../ports.ts";

export interface InstructionFile {
  path: string;
  text: string;
}

export interface FoundInstructions {
  files: InstructionFile[];
  warnings: string[];
}

/** In this order; the first that a folder has counts. */
export const instructionNames = ["AGENTS.md", "CLAUDE.md"];
const MOST_BYTES = 64 * 1024;
const MOST_DEPTH = 5;

/** Absolute; what was named from the working folder must not lead out of the repository, since a link there is not the user's word. */
export interface NamedFile {
  path: string;
  anywhere: boolean;
}

/** `cwd` and `root` are real paths; `named` are files that the configuration names. */
export async function readInstructions(
  files: Files,
  cwd: string,
  root: string,
  named: readonly NamedFile[],
): Promise<FoundInstructions> {
  const warnings: string[] = [];
  const found: InstructionFile[] = [];
  for (const folder of upTo(cwd, root)) {
    for (const name of instructionNames) {
      const path = join(folder, name);
      const text = await read(path, root);
      if (text === null) continue;
      found.push({ path, text: await withImports({ path, text }, 1) });
      break;
    }
  }
  for (const { path, anywhere } of named) {
    const text = await read(path, anywhere ? null : root);
    if (text !== null) found.push({ path, text });
  }
  return { files: found.map((file) => ({ ...file, text: visible(file) })), warnings };

  async function withImports({ path, text }: InstructionFile, depth: number): Promise<string> {
    const lines = await Promise.all(
      text.split("\n").map(async (line) => {
        const name = /^@([^\s@]+)\s*$/.exec(line)?.[1];
        if (name === undefined || depth > MOST_DEPTH) return line;
        const target = isAbsolute(name) ? name : join(dirname(path), name);
        const imported = await read(target, root);
        if (imported !== null) return withImports({ path: target, text: imported }, depth + 1);
        warnings.push(`${path} names ${name}, which is not a readable file of this repository; it was left out.`);
        return line;
      }),
    );
    return lines.join("\n");
  }

  /** Null where there is no such file, or a link leads out of the folder that it must stay in. */
  async function read(path: string, within: string | null): Promise<string | null> {
    const facts = await files.facts(path).catch(() => null);
    if (facts?.kind !== "file") return null;
    if (within !== null && isOutside(facts.real, within)) {
      warnings.push(`${path} leads out of this repository, to ${facts.real}; it was left out.`);
      return null;
    }
    const bytes = await files.read(facts.real, MOST_BYTES).catch(() => null);
    if (bytes && facts.size > MOST_BYTES)
      warnings.push(`${path} is longer than ${MOST_BYTES} bytes; the rest was left out.`);
    return bytes && new TextDecoder().decode(bytes);
  }

  function visible({ path, text }: InstructionFile): string {
    const shown = printable(text, { keepNewlines: true });
    if (shown !== text)
      warnings.push(`${path} holds characters that cannot be seen; they are shown to the model as \\u{…}.`);
    return shown;
  }
}

function isOutside(real: string, folder: string): boolean {
  const away = relative(folder, real);
  return away === ".." || away.startsWith(`..${sep}`) || isAbsolute(away);
}

/** From the working folder up to the root of the repository, nearest first. */
function upTo(from: string, root: string): string[] {
  const folders = [from];
  for (let folder = from; folder !== root && dirname(folder) !== folder; ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders.includes(root) ? folders : [from];
}
