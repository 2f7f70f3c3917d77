/**
 * Commands that run when something happens, as configuration files of Tutti and of Claude Code name them:
 * `{"hooks": {EVENT: [{"matcher"?, "hooks": [{"type": "command", "command", "timeout"?}]}]}}`.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { CommandHook, ProjectItem } from "./items.ts";
import { hashOf, itemOf } from "./project-items.ts";
import { refusal } from "./refusal.ts";
import { readSmallFile } from "./small-file.ts";

/** As Claude Code has it where nothing is said. */
const USUAL_MS = 60_000;

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What has another shape is left out, and said in a sentence. */
export function commandHooks(hooks: unknown, source: string): { hooks: CommandHook[]; problems: string[] } {
  const found: CommandHook[] = [];
  const problems: string[] = [];
  for (const [event, groups] of isPlain(hooks) ? Object.entries(hooks) : []) {
    for (const group of Array.isArray(groups) ? groups : [groups]) {
      const { matcher, hooks: inner } = isPlain(group) ? group : {};
      const ones = Array.isArray(inner) ? inner.map((one) => hookOf(one, event, matcher, source)) : [null];
      if (ones.includes(null))
        problems.push(
          `hooks.${event} has no effect where it is not {"matcher": …, "hooks": [{"type": "command", "command": …}]}.`,
        );
      found.push(...ones.filter((one) => one !== null));
    }
  }
  return { hooks: found, problems: [...new Set(problems)] };
}

function hookOf(one: unknown, event: string, matcher: unknown, source: string): CommandHook | null {
  const { type = "command", command, timeout } = isPlain(one) ? one : {};
  if (type !== "command" || typeof command !== "string" || command.trim() === "") return null;
  const seconds = typeof timeout === "number" && timeout > 0 ? timeout : null;
  return {
    source,
    event,
    matcher: typeof matcher === "string" && matcher !== "" ? matcher : null,
    command,
    timeoutMs: seconds === null ? USUAL_MS : seconds * 1000,
  };
}

export interface HookItem {
  item: ProjectItem;
  hook: CommandHook;
}

/**
 * A hook with the files that its command names: a script that changes makes it another item. `bases` is where relative words may
 * lead; empty where the file is the person's own, and its commands run in any folder.
 */
export function hookItem(hook: CommandHook, bases: readonly string[], home: string): HookItem {
  const { event, matcher, command, timeoutMs, source } = hook;
  const value = { ...(matcher !== null && { matcher }), command, timeout: timeoutMs / 1000 };
  const withheld = { path: ["hooks", event], kind: "hook" as const, value, runs: true };
  return { item: itemOf(withheld, source, filesOf(command, bases, home)), hook };
}

/** Bytes of a file that is part of what is granted; a larger one is known by its size. */
const FILE_MOST = 16 * 1024 * 1024;

function filesOf(command: string, bases: readonly string[], home: string): [string, string][] {
  const words = command
    .replaceAll(/\$\{?CLAUDE_PROJECT_DIR\}?\/?/g, bases.length > 0 ? "./" : "$&")
    .replaceAll(/\$\{?HOME\}?/g, home)
    .split(/[\s"'`;|&()<>=]+/)
    .filter((word) => word !== "");
  return [...new Set(words)].flatMap((word) => {
    const plain = word.replace(/^~(?=\/)/, home);
    const paths = isAbsolute(plain) ? [plain] : bases.map((base) => resolve(base, plain));
    return [...new Set(paths)].flatMap((path) => {
      const content = contentHash(path);
      return content === null ? [] : [[path, content] as [string, string]];
    });
  });
}

function contentHash(path: string): string | null {
  if (!existsSync(path)) return null;
  const facts = statSync(path);
  if (!facts.isFile()) return null;
  return facts.size > FILE_MOST ? `${facts.size} bytes` : hashOf(readFileSync(path));
}

/** The hooks in a file of Claude Code's; what cannot be read is left out, and said. */
export function claudeHooks(file: string): { hooks: CommandHook[]; problems: string[] } {
  const read = readSmallFile(file);
  if (read === null) return { hooks: [], problems: [] };
  const problem = (text: string) => ({ hooks: [], problems: [`${file}: ${text}`] });
  if ("problem" in read) return problem(read.problem);
  const refused = refusal(read.text);
  if (refused !== null) return problem(refused.message);
  try {
    const settings: unknown = JSON.parse(read.text);
    const { hooks, problems } = commandHooks(isPlain(settings) ? settings.hooks : undefined, file);
    return { hooks, problems: problems.map((text) => `${file}: ${text}`) };
  } catch (error) {
    if (error instanceof SyntaxError) return problem("This is no JSON, so its hooks are left out.");
    throw error;
  }
}
