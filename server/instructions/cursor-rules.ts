/** Cursor's rules (`.cursor/rules/*.mdc`): those that always apply, and those for files that the folder has. Loaded only if there are any. */
import { join, relative, sep } from "node:path";
import { parseFrontmatter } from "../definitions/frontmatter.ts";
import { loadGrammar } from "../permission/load-parsers.ts";
import type { Files } from "../ports.ts";
import type { InstructionFile } from "./limit-instructions.ts";

/** Entries of the folder that are looked at for a file that a rule is for. */
const MAX_ENTRIES = 5_000;
const MAX_DEPTH = 8;
const SKIPPED_FOLDERS = new Set(["node_modules", ".git", "dist", "build", "target", "vendor"]);

/** The paths of the rules in this folder, sorted. */
export async function listRules(files: Files, rules: string, depth = 1): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, directory } of await files.list(rules).catch(() => [])) {
    const path = join(rules, name);
    if (directory && depth < MAX_DEPTH) paths.push(...(await listRules(files, path, depth + 1)));
    else if (name.endsWith(".mdc")) paths.push(path);
  }
  return paths;
}

/** The rules that count in `folder`, without their frontmatter. */
export async function selectRules(
  files: Files,
  folder: string,
  rules: readonly InstructionFile[],
): Promise<InstructionFile[]> {
  const { globs } = await loadGrammar();
  let listed: Promise<string[]> | null = null;
  const isForFiles = async (patterns: readonly string[]): Promise<boolean> => {
    if (patterns.length === 0) return false;
    listed ??= listFiles(files, folder);
    const paths = await listed;
    const tests = patterns.map((pattern) => globs(toPathPattern(pattern), { dot: true, nocase: false }));
    return paths.some((path) => tests.some((matches) => matches(path)));
  };
  const selected: InstructionFile[] = [];
  for (const { path, text } of rules) {
    const { data, body } = parseFrontmatter(text);
    const always = data.alwaysApply === true || data.alwaysApply === "true";
    if (body !== "" && (always || (await isForFiles(toPatterns(data.globs))))) selected.push({ path, text: body });
  }
  return selected;
}

const toPatterns = (globs: unknown): string[] =>
  (Array.isArray(globs) ? globs.map(String) : splitPatterns(typeof globs === "string" ? globs : ""))
    .map((pattern) => pattern.trim().replace(/^["']|["']$/g, ""))
    .filter((pattern) => pattern !== "" && !isCostly(pattern));

/** Wildcards in one name: with more, a pattern of a hostile project could take hours. */
const MAX_WILDCARDS = 3;

const isCostly = (pattern: string): boolean =>
  (pattern.match(/\{/g) ?? []).length > MAX_WILDCARDS ||
  pattern.split("/").some((name) => name !== "**" && (name.match(/\*+/g) ?? []).length > MAX_WILDCARDS);

/** At commas outside of braces. */
const splitPatterns = (text: string): string[] => text.match(/(?:\{[^{}]*\}|[^,])+/g) ?? [];

/** A pattern without a folder is for files in any folder. */
const toPathPattern = (pattern: string): string => {
  const plain = pattern.replace(/^\.?\//, "");
  return plain.includes("/") ? plain : `**/${plain}`;
};

async function listFiles(files: Files, root: string): Promise<string[]> {
  const found: string[] = [];
  let left = MAX_ENTRIES;
  let folders = [root];
  for (let depth = 0; depth < MAX_DEPTH && folders.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      for (const { name, directory } of await files.list(folder).catch(() => [])) {
        left -= 1;
        if (left < 0) return found;
        const path = join(folder, name);
        if (!directory) found.push(relative(root, path).split(sep).join("/"));
        else if (!SKIPPED_FOLDERS.has(name)) next.push(path);
      }
    }
    folders = next;
  }
  return found;
}
