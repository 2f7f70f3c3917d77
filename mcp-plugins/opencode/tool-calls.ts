/**
 * Tool calls as OpenCode names them, and back. A name that OpenCode does not have stays; the tool of a plugin is `server_tool` there.
 * Pure.
 */
import { isAbsolute, join } from "node:path";
import type { Json } from "./messages.ts";

interface ToolRow {
  name: string;
  /** OpenCode's names of the fields. */
  fields: Readonly<Record<string, string>>;
}

const TOOLS: Readonly<Record<string, ToolRow>> = {
  bash: { name: "bash", fields: { cwd: "workdir" } },
  read: { name: "read", fields: { path: "filePath" } },
  write: { name: "write", fields: { path: "filePath" } },
  edit: { name: "edit", fields: { path: "filePath" } },
  patch: { name: "apply_patch", fields: { patch: "patchText" } },
  glob: { name: "glob", fields: {} },
  grep: { name: "grep", fields: { glob: "include" } },
  list: { name: "list", fields: {} },
  fetch: { name: "webfetch", fields: {} },
  task: { name: "task", fields: { agent: "subagent_type", title: "description", tier: "model_tier" } },
  plan: { name: "todowrite", fields: { items: "todos" } },
  ask: { name: "question", fields: {} },
};

const EDIT_FIELDS = { old: "oldString", new: "newString", all: "replaceAll" } as const;

/** `own`: the prefix of the names of this plugin's tools. */
export function toOpencodeName(tool: string, own: string): string {
  if (tool.startsWith(own)) return tool.slice(own.length);
  return TOOLS[tool]?.name ?? tool.replace("__", "_");
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const rename = (value: Json, names: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [names[name] ?? name, one]));

const invert = (names: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(names).map(([name, other]) => [other, name]));

/** One call of OpenCode for each change of an `edit`, because its tool makes one. Otherwise, a single one. */
export function toOpencodeArgs(tool: string, input: unknown, cwd: string): Json[] {
  if (!isObject(input)) return [{}];
  const args = rename(input, TOOLS[tool]?.fields ?? {});
  if (typeof args.filePath === "string" && !isAbsolute(args.filePath)) args.filePath = join(cwd, args.filePath);
  // OpenCode has milliseconds.
  if (tool === "bash" && typeof args.timeout === "number") args.timeout *= 1_000;
  if (tool !== "edit" || !Array.isArray(args.edits) || args.edits.length === 0) return [args];
  const { edits, ...rest } = args;
  return edits.map((edit) => ({ ...rest, ...(isObject(edit) ? rename(edit, EDIT_FIELDS) : {}) }));
}

/** The input for the changed calls that `toOpencodeArgs` returned. */
export function fromOpencodeArgs(tool: string, calls: readonly Json[]): Json {
  const input = rename(calls.at(-1) ?? {}, invert(TOOLS[tool]?.fields ?? {}));
  if (tool === "bash" && typeof input.timeout === "number")
    input.timeout = Math.max(1, Math.ceil(input.timeout / 1_000));
  if (tool !== "edit" || !("oldString" in input)) return input;
  const { oldString: _, newString: __, replaceAll: ___, ...rest } = input;
  const names = invert(EDIT_FIELDS);
  const edits = calls.map((call) =>
    Object.fromEntries(Object.entries(call).flatMap(([name, value]) => (names[name] ? [[names[name], value]] : []))),
  );
  return { ...rest, edits };
}
