/** edit: exact replacements in one file, all of them or none. */
import type { CallWorld, Tool, ToolResult, ToolWorld } from "../ports.ts";
import { compare, failed, load, refuseUnseen, save, summary } from "./change.ts";
import { type Fields, type Parsed, pathNames, readFields } from "./input.ts";
import { manual } from "./manual.ts";
import { findJudged, findPlace, type Place, planFor } from "./paths.ts";
import { applyEdits, type Edit } from "./replace.ts";
import { encodeText, type TextFile } from "./text.ts";

const outer = {
  path: { type: "path", also: pathNames },
  edits: { type: "list", optional: true, also: ["changes", "replacements"] },
} satisfies Fields;

const inner = {
  old: {
    type: "text",
    empty: true,
    also: ["old_string", "oldString", "oldText", "old_text", "old_str", "search", "find"],
  },
  new: { type: "text", empty: true, also: ["new_string", "newString", "newText", "new_text", "new_str", "replace"] },
  all: { type: "flag", optional: true, also: ["replace_all", "replaceAll"] },
} satisfies Fields;

interface Input {
  path: string;
  edits: Edit[];
}

export const edit: Tool<Input> = {
  name: "edit",
  kind: "edit",
  description: "Replace exact text in a file. old must occur once, unless all.",
  schema: {
    type: "object",
    properties: {
      path: { type: "string" },
      edits: {
        type: "array",
        items: {
          type: "object",
          properties: { old: { type: "string" }, new: { type: "string" }, all: { type: "boolean" } },
          required: ["old", "new"],
        },
      },
    },
    required: ["path", "edits"],
  },
  long: manual.edit,
  parallel: false,
  parse,
  async plan(input, world) {
    const place = await findPlace(input.path, world);
    const done = await attempt(input, place, world);
    if ("problem" in done) return planFor("edit", place);
    const { diff } = await compare(place.title, done.old.text, done.text);
    return { ...planFor("edit", place, done.line), preview: diff };
  },
  async run(input, world, plan) {
    const { real } = await findJudged(input.path, world, plan);
    return world.lock(real, async () => change(input, await findJudged(input.path, world, plan), world));
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("edit", outer, input);
  if (!read.ok) return read;
  const edits: Edit[] = [];
  for (const [index, item] of (read.input.edits ?? [input]).entries()) {
    const where = read.input.edits === undefined ? "edit" : `edit: edits[${index}]`;
    const one = readFields(where, inner, item);
    if (!one.ok) return one;
    edits.push({ old: one.input.old, new: one.input.new, all: one.input.all ?? false });
  }
  if (edits.length === 0) return { ok: false, problem: 'edit: "edits" is empty; give at least one {old, new}.' };
  return { ok: true, input: { path: read.input.path, edits } };
}

type Attempt =
  | { problem: string; hash?: string; old?: TextFile }
  | { old: TextFile; hash: string; bytes: Uint8Array; text: string; line: number };

/** What the file would become; changes nothing. */
async function attempt(input: Input, place: Place, world: ToolWorld): Promise<Attempt> {
  const found = await load(place, world);
  if (found === null) return { problem: `${place.title} does not exist. Use write to create it.` };
  if ("problem" in found) return found;
  const { file, hash, bytes } = found;
  if (file === null) return { problem: `${place.title} is not text, so it cannot be edited by text.` };
  const done = applyEdits(file.text, input.edits);
  if (!done.ok) return { problem: `${place.title} was not changed: ${done.problem}`, hash, old: file };
  return { old: file, hash, bytes, text: done.text, line: done.line };
}

async function change(input: Input, place: Place, world: CallWorld): Promise<ToolResult> {
  const done = await attempt(input, place, world);
  // Text that is there to the letter shows that the model knows the file, so that only a change since then is refused.
  if (done.hash !== undefined && done.old !== undefined) {
    const refusal = refuseUnseen(place, { hash: done.hash, file: done.old }, world, false);
    if (refusal !== null) return refusal;
  }
  if ("problem" in done) return failed(done.problem);
  const after = encodeText({ ...done.old, text: done.text });
  if ("problem" in after) return failed(after.problem);
  const saved = await save(
    { place, before: done.bytes, after, beforeText: done.old.text, afterText: done.text },
    world,
  );
  return {
    ok: true,
    output: `Edited ${place.title} (${summary(saved.change)}, from line ${done.line}).`,
    diff: saved.diff,
  };
}
