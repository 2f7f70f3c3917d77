/**
 * Hooks: commands that run on an event, as configuration files of Tutti and of Claude Code define them:
 * `{"hooks": {EVENT: [{"matcher"?, "hooks": [{"type": "command", "command", "timeout"?}]}]}}`.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { expandHookVariables } from "./hook-variables.ts";
import { checkJsonLimits } from "./json-limits.ts";
import { createItem, hashContent } from "./project-items.ts";
import { readSmallFile } from "./small-file.ts";
import type { CommandHook, ProjectItem } from "./trust-items.ts";

/** Claude Code's default. */
const DEFAULT_TIMEOUT_MS = 60_000;

type PlainObject = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is PlainObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Skips entries of another shape and reports them in `problems`. */
export function parseCommandHooks(
  hooks: unknown,
  source: string,
  env: CommandHook["env"] = {},
): { hooks: CommandHook[]; problems: string[] } {
  const found: CommandHook[] = [];
  const problems: string[] = [];
  for (const [event, groups] of isPlain(hooks) ? Object.entries(hooks) : []) {
    for (const group of Array.isArray(groups) ? groups : [groups]) {
      const { matcher, hooks: inner } = isPlain(group) ? group : {};
      const parsed = Array.isArray(inner) ? inner.map((entry) => parseHook(entry)) : [null];
      if (parsed.includes(null))
        problems.push(
          `hooks.${event} is ignored unless it has the form {"matcher": …, "hooks": [{"type": "command", "command": …}]}.`,
        );
      const matches = typeof matcher === "string" && matcher !== "" ? matcher : null;
      const common = { source, event, matcher: matches, env };
      found.push(...parsed.filter((entry) => entry !== null).map((entry) => ({ ...common, ...entry })));
    }
  }
  return { hooks: found, problems: [...new Set(problems)] };
}

function parseHook(entry: unknown): Pick<CommandHook, "command" | "timeoutMs"> | null {
  const { type = "command", command, timeout } = isPlain(entry) ? entry : {};
  if (type !== "command" || typeof command !== "string" || command.trim() === "") return null;
  const seconds = typeof timeout === "number" && timeout > 0 ? timeout : null;
  return { command, timeoutMs: seconds === null ? DEFAULT_TIMEOUT_MS : seconds * 1000 };
}

/** The texts among the values, as variables; the values of other names are ignored. */
const parseVariables = (values: unknown): CommandHook["env"] =>
  Object.fromEntries(
    Object.entries(isPlain(values) ? values : {}).flatMap(([name, value]) =>
      /^[A-Za-z_]\w*$/.test(name) && typeof value === "string" ? [[name, value]] : [],
    ),
  );

export interface HookItem {
  item: ProjectItem;
  hook: CommandHook;
}

/**
 * The item of a hook. Its id covers the files that the command names, so a changed script is another item. `bases`: the folders for
 * relative paths; empty for the user's own files, whose commands run in any folder.
 */
export function createHookItem(hook: CommandHook, bases: readonly string[], home: string): HookItem {
  const { event, matcher, command, timeoutMs, source, env } = hook;
  const variables = Object.keys(env);
  const value = {
    ...(matcher !== null && { matcher }),
    command,
    timeout: timeoutMs / 1000,
    ...(variables.length > 0 && { variables }),
  };
  const setting = { path: ["hooks", event], kind: "hook" as const, value, runs: true };
  // Values of variables may be keys.
  const hashes = variables.map((name): [string, string] => [`$${name}`, hashContent(env[name] ?? "")]);
  const files = hashReferencedFiles(expandHookVariables(command, { HOME: home, ...env }), bases, home);
  return { item: createItem(setting, source, [...files, ...hashes]), hook };
}

/** Files up to this size are part of an item's id by content, larger ones by size. */
const MAX_HASHED_BYTES = 16 * 1024 * 1024;

function hashReferencedFiles(command: string, bases: readonly string[], home: string): [string, string][] {
  const words = command
    .replaceAll(/\$\{?CLAUDE_PROJECT_DIR\}?\/?/g, bases.length > 0 ? "./" : "$&")
    .replaceAll(/\$\{?HOME\}?/g, home)
    .split(/[\s"'`;|&()<>=]+/)
    .filter((word) => word !== "");
  return [...new Set(words)].flatMap((word) => {
    const plain = word.replace(/^~(?=\/)/, home);
    const paths = isAbsolute(plain) ? [plain] : bases.map((base) => resolve(base, plain));
    return [...new Set(paths)].flatMap((path) => {
      const content = hashFile(path);
      return content === null ? [] : [[path, content] as [string, string]];
    });
  });
}

function hashFile(path: string): string | null {
  if (!existsSync(path)) return null;
  const stat = statSync(path);
  if (!stat.isFile()) return null;
  return stat.size > MAX_HASHED_BYTES ? `${stat.size} bytes` : hashContent(readFileSync(path));
}

/**
 * The hooks in Claude Code settings files that belong together. The variables of all of them are set for each hook; those of a later file
 * override. A file that cannot be parsed is skipped and reported.
 */
export function readClaudeHooks(files: readonly string[]): { hooks: CommandHook[]; problems: string[] } {
  const read = files.map((file) => ({ file, ...readClaudeSettings(file) }));
  const env = Object.assign({}, ...read.map(({ settings }) => parseVariables(settings.env)));
  const parsed = read.map(({ file, settings, problems }) => {
    const found = parseCommandHooks(settings.hooks, file, env);
    return { hooks: found.hooks, problems: [...problems, ...found.problems].map((text) => `${file}: ${text}`) };
  });
  return { hooks: parsed.flatMap(({ hooks }) => hooks), problems: parsed.flatMap(({ problems }) => problems) };
}

function readClaudeSettings(file: string): { settings: PlainObject; problems: string[] } {
  const read = readSmallFile(file);
  if (read === null) return { settings: {}, problems: [] };
  if ("problem" in read) return { settings: {}, problems: [read.problem] };
  const limitProblem = checkJsonLimits(read.text);
  if (limitProblem !== null) return { settings: {}, problems: [limitProblem.message] };
  try {
    const settings: unknown = JSON.parse(read.text);
    return { settings: isPlain(settings) ? settings : {}, problems: [] };
  } catch (error) {
    if (error instanceof SyntaxError)
      return { settings: {}, problems: ["The file is not JSON; its hooks are ignored."] };
    throw error;
  }
}
