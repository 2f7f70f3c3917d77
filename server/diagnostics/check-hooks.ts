/** Checks hooks that are commands for `tutti doctor`: each problem is one sentence with its file and line. */
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { expandHookVariables, resolveHookVariables } from "../config/hook-variables.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { CommandHook } from "../config/trust-items.ts";
import { type ListedHook, listUntrusted } from "../config/untrusted-hooks.ts";
import { findHookedEvent } from "../plugins/claude-hook-input.ts";
import { findProgram } from "../workspace/programs.ts";

export interface HookCheckDeps {
  /** The user's hooks, and those of the folder that count once they are trusted. */
  listHooks(cwd: string): Promise<{ hooks: readonly ListedHook[]; problems: readonly string[] }>;
  env: Readonly<Record<string, string | undefined>>;
}

export async function checkHooks({ listHooks, env }: HookCheckDeps, cwd: string): Promise<string[]> {
  const { hooks, problems } = await listHooks(cwd);
  const found = hooks.flatMap(({ hook }) => {
    const problem = findProblem(hook, cwd, env);
    return problem === null ? [] : [`${locate(hook)}: ${problem}`];
  });
  return [...problems, ...listUntrusted(hooks), ...new Set(found)];
}

/** The file, with the line of the command if it is found there verbatim. */
function locate({ source, command }: CommandHook): string {
  const read = readSmallFile(source);
  const text = read && "text" in read ? read.text : "";
  const at = text.indexOf(JSON.stringify(command));
  return at < 0 ? source : `${source}:${text.slice(0, at).split("\n").length}`;
}

function findProblem(hook: CommandHook, cwd: string, env: HookCheckDeps["env"]): string | null {
  if (findHookedEvent(hook.event) === null) return `Tutti has no event ${hook.event}, so this hook is never called.`;
  const known = { ...env, CLAUDE_PROJECT_DIR: cwd };
  const command = expandHookVariables(hook.command, { ...known, ...resolveHookVariables(hook.env, known) });
  const [first = "", second = ""] = command
    .split(/\s+/)
    .map((word) => word.replace(/^["']|["']$/g, "").replace(/^~(?=\/)/, env.HOME ?? "~"));
  if (first.includes("$")) return `The command ${first} uses a variable that is not set.`;
  if (isAbsolute(first)) return findFileProblem(first, cwd, env.PATH);
  if (!/^[\w.+-]+$/.test(first) || BUILTINS.has(first)) return null;
  if (findProgram(first, env.PATH, cwd) === null) return `The hook needs ${first}, which is not in PATH.`;
  return isAbsolute(second) && !existsSync(second) ? `The file ${second} does not exist.` : null;
}

/** Of a POSIX shell, and its keywords. */
const BUILTINS = new Set(
  "alias break case cd command continue do echo eval exec exit export false fi for if local printf pwd read return set shift test trap true type ulimit umask unset until wait while".split(
    " ",
  ),
);

function findFileProblem(file: string, cwd: string, searchPath: string | undefined): string | null {
  if (!existsSync(file)) return `The file ${file} does not exist.`;
  if (!isExecutable(file)) return `The file ${file} is not executable. Run \`chmod +x ${file}\`.`;
  if (statSync(file).size > MAX_SCRIPT_BYTES) return null;
  const [, interpreter, name = ""] =
    /^#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(readFileSync(file, "latin1")) ?? [];
  if (interpreter === undefined) return null;
  const needed = interpreter.endsWith("/env") ? name : interpreter;
  const exists = isAbsolute(needed) ? existsSync(needed) : findProgram(needed, searchPath, cwd) !== null;
  return exists ? null : `${file} needs ${needed}, which ${isAbsolute(needed) ? "does not exist" : "is not in PATH"}.`;
}

const MAX_SCRIPT_BYTES = 4 * 1024 * 1024;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
