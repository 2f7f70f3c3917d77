/** edit: exact replacements in one file, all of them or none. */
import type { Tool, ToolCallContext, ToolContext, ToolResult } from "../ports.ts";
import { encodeText, type TextFile } from "../workspace/text-file.ts";
import {
  diffTexts,
  failWith,
  formatChangeCounts,
  loadFile,
  refusePlaceholder,
  refuseUnseen,
  saveChange,
} from "./apply-file-change.ts";
import { type Fields, normalizeFields, PATH_ALIASES, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { prepareFor, type ResolvedPath, resolveCheckedPath, resolvePath } from "./paths.ts";
import { applyEdits, type Edit } from "./replace-text.ts";
import { manual } from "./tool-descriptions.ts";

const inner = {
  old: {
    type: "text",
    empty: true,
    aliases: ["old_string", "oldString", "oldText", "old_text", "old_str", "search", "find"],
  },
  new: { type: "text", empty: true, aliases: ["new_string", "newString", "newText", "new_text", "new_str", "replace"] },
  all: { type: "flag", optional: true, aliases: ["replace_all", "replaceAll"] },
} satisfies Fields;

const outer = {
  path: { type: "path", aliases: PATH_ALIASES },
  edits: { type: "list", lenient: true, items: inner, aliases: ["changes", "replacements"] },
} satisfies Fields;

interface Input {
  path: string;
  edits: Edit[];
}

export const edit: Tool<Input> = {
  name: "edit",
  kind: "edit",
  description: "Replace exact text in a file. old must occur once, unless all.",
  schema: toSchema(outer),
  normalize(input) {
    const values = normalizeFields(outer, input);
    return values.edits === undefined ? { ...values, edits: [normalizeFields(inner, input)] } : values;
  },
  long: manual.edit,
  parallel: false,
  parse,
  async prepare(input, context) {
    const target = await resolvePath(input.path, context);
    const done = await tryEdits(input, target, context);
    if ("problem" in done) return prepareFor("edit", target);
    const { diff } = await diffTexts(target.title, done.old.text, done.text);
    return { ...prepareFor("edit", target, done.line), preview: diff };
  },
  async run(input, context, prepared) {
    const { real } = await resolveCheckedPath(input.path, context, prepared);
    return context.lock(real, async () =>
      editFile(input, await resolveCheckedPath(input.path, context, prepared), context),
    );
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("edit", outer, input);
  if (!read.ok) return read;
  const edits: Edit[] = [];
  for (const [index, item] of (read.input.edits ?? [input]).entries()) {
    const where = read.input.edits === undefined ? "edit" : `edit: edits[${index}]`;
    const parsed = readFields(where, inner, item);
    if (!parsed.ok) return parsed;
    edits.push({ old: parsed.input.old, new: parsed.input.new, all: parsed.input.all ?? false });
  }
  if (edits.length === 0) return { ok: false, problem: 'edit: "edits" is empty; give at least one {old, new}.' };
  return { ok: true, input: { path: read.input.path, edits } };
}

type EditAttempt =
  | { problem: string; hash?: string; old?: TextFile }
  | { old: TextFile; hash: string; bytes: Uint8Array; text: string; line: number };

/** The content after the edits; changes nothing. */
async function tryEdits(input: Input, target: ResolvedPath, context: ToolContext): Promise<EditAttempt> {
  const found = await loadFile(target, context);
  if (found === null) return { problem: `${target.title} does not exist. Use write to create it.` };
  if ("problem" in found) return found;
  const { file, hash, bytes } = found;
  if (file === null) return { problem: `${target.title} is not text, so it cannot be edited by text.` };
  const done = applyEdits(file.text, input.edits);
  if (!done.ok) return { problem: `${target.title} was not changed: ${done.problem}`, hash, old: file };
  return { old: file, hash, bytes, text: done.text, line: done.line };
}

async function editFile(input: Input, target: ResolvedPath, context: ToolCallContext): Promise<ToolResult> {
  const done = await tryEdits(input, target, context);
  // An exact match shows that the model knows the file, so only a change since it was read is refused.
  if (done.hash !== undefined && done.old !== undefined) {
    const refusal = refuseUnseen(target, { hash: done.hash, file: done.old }, context, false);
    if (refusal !== null) return refusal;
  }
  if ("problem" in done) return failWith(done.problem);
  const after = encodeText({ ...done.old, text: done.text });
  if ("problem" in after) return failWith(after.problem);
  const change = { target, before: done.bytes, after, beforeText: done.old.text, afterText: done.text };
  const hidden = refusePlaceholder(change);
  if (hidden !== null) return hidden;
  const saved = await saveChange(change, context);
  return {
    ok: true,
    output: `Edited ${target.title} (${formatChangeCounts(saved.change)}, from line ${done.line}).`,
    diff: saved.diff,
  };
}
