/**
 * Loads a project's instructions: AGENTS.md, or in folders without one the file of another program, from the working directory up to the repository root,
 * nearest first, then the configured files. A line `@path` outside of code imports another file of the repository. Each file is read once,
 * however often it is named, and all of them have a limit in size. Invisible characters are escaped.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { printable } from "../../protocol/printable.ts";
import type { Files } from "../ports.ts";
import { findCodeLines } from "./code-lines.ts";
import { type InstructionFile, REST_LEFT_OUT } from "./limit-instructions.ts";

export interface LoadedInstructions {
  files: InstructionFile[];
  warnings: string[];
}

/** In order of preference; only the first one in a folder is used. */
export const instructionNames = ["AGENTS.md", "CLAUDE.md"];
/** Of programs whose users may have nothing else. */
const fallbackNames = ["GEMINI.md", ".github/copilot-instructions.md", ".cursorrules"];
const MAX_BYTES = 64 * 1024;
const MAX_TOTAL_BYTES = 128 * 1024;
const MAX_DEPTH = 5;

/** `path` is absolute. A path relative to the working folder must not lead out of the repository, because a link there is not the user's. */
export interface ConfiguredFile {
  path: string;
  anywhere: boolean;
  /** Its lines `@path` import files of its own folder. */
  imports?: true;
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
  /** Real paths of the files that were read. */
  const known = new Set<string>();
  const leftOut: string[] = [];
  let left = MAX_TOTAL_BYTES;
  for (const folder of listFolders(cwd, root)) {
    let hasFile = false;
    for (const name of [...instructionNames, ...fallbackNames]) {
      const path = join(folder, name);
      const file = await read(path, root);
      if (file === null) continue;
      if (file !== KNOWN) found.push({ path, text: await resolveImports({ path, text: file }, root) });
      hasFile = true;
      break;
    }
    if (!hasFile) found.push(...(await readCursorRules(folder)));
  }
  for (const { path, anywhere, imports } of configured) {
    const text = await read(path, anywhere ? null : root);
    if (text === null || text === KNOWN) continue;
    found.push({ path, text: imports ? await resolveImports({ path, text }, dirname(path)) : text });
  }
  if (leftOut.length > 0) warnings.push(describeLeftOut(leftOut));
  return { files: found.map((file) => ({ ...file, text: makeVisible(file) })), warnings };

  async function readCursorRules(folder: string): Promise<InstructionFile[]> {
    const rules = join(folder, ".cursor/rules");
    if ((await files.stat(rules).catch(() => null))?.kind !== "directory") return [];
    const { listRules, selectRules } = await import("./cursor-rules.ts");
    const loaded: InstructionFile[] = [];
    for (const path of await listRules(files, rules)) {
      const text = await read(path, root);
      if (text !== null && text !== KNOWN) loaded.push({ path, text });
    }
    return selectRules(files, folder, loaded);
  }

  /** Imports files in `within`. */
  async function resolveImports({ path, text }: InstructionFile, within: string, depth = 1): Promise<string> {
    const isCode = findCodeLines(text);
    const lines: string[] = [];
    for (const [index, line] of text.split("\n").entries())
      lines.push(isCode(index) ? line : await resolveLine(line, path, within, depth));
    return lines.join("\n");
  }

  /** The imported file; the line itself if it imports none, or one that was read before. */
  async function resolveLine(line: string, path: string, within: string, depth: number): Promise<string> {
    const name = /^@([^\s@]+)\s*$/.exec(line)?.[1];
    if (name === undefined || depth > MAX_DEPTH) return line;
    const target = isAbsolute(name) ? name : join(dirname(path), name);
    const text = await read(target, within);
    if (text === KNOWN) return line;
    if (text !== null) return resolveImports({ path: target, text }, within, depth + 1);
    const place = within === root ? "this repository" : within;
    warnings.push(`${path} imports ${name}, which is not a readable file in ${place}. The import was skipped.`);
    return line;
  }

  /** Null if there is no such file, or if a link leads out of `within`; `KNOWN` if it needs no second reading. */
  async function read(path: string, within: string | null): Promise<string | typeof KNOWN | null> {
    const stat = await files.stat(path).catch(() => null);
    if (stat?.kind !== "file") return null;
    if (within !== null && isOutside(stat.real, within)) {
      warnings.push(
        `${path} links to ${stat.real} outside of ${within === root ? "this repository" : within}. The file was skipped.`,
      );
      return null;
    }
    if (known.has(stat.real)) return KNOWN;
    known.add(stat.real);
    const bytes = await files.read(stat.real, Math.min(MAX_BYTES, left)).catch(() => null);
    if (bytes === null) return null;
    left -= bytes.length;
    if (bytes.length === 0 && stat.size > 0) {
      leftOut.push(path);
      return KNOWN;
    }
    const text = new TextDecoder().decode(bytes);
    if (stat.size <= bytes.length) return text;
    warnings.push(`${path} is longer than ${bytes.length} bytes. The rest was skipped.`);
    return `${text.replace(/\ufffd$/, "")}\n${REST_LEFT_OUT}`;
  }

  function makeVisible({ path, text }: InstructionFile): string {
    const escaped = printable(text, { keepNewlines: true });
    if (escaped !== text) warnings.push(`${path} contains invisible characters. They are sent to the model as \\u{…}.`);
    return escaped;
  }
}

/** For a file that was read before, or that is left out. */
const KNOWN = Symbol("known");

function describeLeftOut(paths: readonly string[]): string {
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : "";
  return `Instructions are limited to ${MAX_TOTAL_BYTES / 1024} KiB in total. Left out: ${paths.slice(0, 5).join(", ")}${more}.`;
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
