/** list: lists the names in a folder; folders end in a slash. */
import type { Tool, ToolContext } from "../ports.ts";
import { failWith } from "./apply-file-change.ts";
import { truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, PATH_ALIASES, readFields, toSchema, type Values } from "./input-schema.ts";
import { prepareFor, type ResolvedPath, resolveCheckedPath, resolvePath } from "./paths.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  path: { type: "path", optional: true, aliases: [...PATH_ALIASES, "dir", "directory", "folder"] },
} satisfies Fields;

const MAX_ENTRIES = 500;

export const list: Tool<Values<typeof fields>> = {
  name: "list",
  kind: "search",
  description: "List a folder.",
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  long: manual.list,
  parallel: true,
  parse: (input) => readFields("list", fields, input ?? {}),
  prepare: async (input, context) => prepareFor("read", await resolvePath(input.path ?? ".", context)),
  async run(input, context, prepared) {
    const target = await resolveCheckedPath(input.path ?? ".", context, prepared);
    if (target.kind === "missing") return failWith(`${target.title} does not exist.`);
    if (target.kind !== "directory") return failWith(`${target.title} is not a folder; read it instead.`);
    return { ok: true, output: await listFolder(target, context) };
  },
};

export async function listFolder(target: ResolvedPath, context: ToolContext): Promise<string> {
  const entries = await context.files.list(target.real);
  if (entries.length === 0) return "(the folder is empty)";
  const names = entries.slice(0, MAX_ENTRIES).map((entry) => truncateLine(entry.name) + (entry.directory ? "/" : ""));
  const left = entries.length - names.length;
  return names.join("\n") + (left > 0 ? `\n(${left} more)` : "");
}
