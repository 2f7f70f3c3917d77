/**
 * Instruction files of a project: AGENTS.md, or CLAUDE.md where a folder has none, from the working directory up to the repository's
 * root, nearest first, then the user's own. A line `@path` brings another file of the repository in. Characters that people cannot
 * see are made visible.
 */
import { dirname, isAbsolute, join, relative } from "node:path";
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

const NAMES = ["AGENTS.md", "CLAUDE.md"];
const MOST_BYTES = 64 * 1024;
const MOST_DEPTH = 5;

export async function readInstructions(
  files: Files,
  cwd: string,
  root: string,
  own: readonly string[],
): Promise<FoundInstructions> {
  const warnings: string[] = [];
  const found: InstructionFile[] = [];
  for (const folder of upTo(cwd, root)) {
    const file = await firstOf(files, folder);
    if (file) found.push({ path: file.path, text: await withImports(file, 1) });
  }
  for (const path of own) {
    const text = await textOf(files, path);
    if (text !== null) found.push({ path, text });
  }
  return { files: found.map((file) => ({ ...file, text: visible(file) })), warnings };

  async function withImports({ path, text }: InstructionFile, depth: number): Promise<string> {
    const lines = await Promise.all(
      text.split("\n").map(async (line) => {
        const name = /^@([^\s@]+)\s*$/.exec(line)?.[1];
        if (name === undefined || depth > MOST_DEPTH) return line;
        const target = isAbsolute(name) ? name : join(dirname(path), name);
        const imported = await inside(target);
        if (imported === null) {
          warnings.push(`${path} names ${name}, which is not a readable file of this repository; it was left out.`);
          return line;
        }
        return withImports({ path: target, text: imported }, depth + 1);
      }),
    );
    return lines.join("\n");
  }

  async function inside(path: string): Promise<string | null> {
    const { real, kind } = await files.facts(path).catch(() => ({ real: "", kind: "missing" as const }));
    const away = relative(root, real);
    return kind !== "file" || away.startsWith("..") || isAbsolute(away) ? null : textOf(files, path);
  }

  function visible({ path, text }: InstructionFile): string {
    const shown = printable(text, { keepNewlines: true });
    if (shown !== text)
      warnings.push(`${path} holds characters that cannot be seen; they are shown to the model as \\u{…}.`);
    return shown;
  }
}

function upTo(from: string, root: string): string[] {
  const folders = [from];
  for (let folder = from; folder !== root && dirname(folder) !== folder; ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders.includes(root) ? folders : [from];
}

async function firstOf(files: Files, folder: string): Promise<InstructionFile | null> {
  for (const name of NAMES) {
    const path = join(folder, name);
    const text = await textOf(files, path);
    if (text !== null) return { path, text };
  }
  return null;
}

async function textOf(files: Files, path: string): Promise<string | null> {
  const facts = await files.facts(path).catch(() => null);
  if (facts?.kind !== "file") return null;
  const bytes = await files.read(path, MOST_BYTES).catch(() => null);
  return bytes && new TextDecoder().decode(bytes);
}
