/** patch: changes several files in one envelope, for models that were trained on it. All files or none. */
import { describeError } from "../../protocol/errors.ts";
import type { Tool, ToolCallContext, ToolContext, ToolResult } from "../ports.ts";
import { encodeText } from "../workspace/text-file.ts";
import {
  diffTexts,
  failWith,
  formatChangeCounts,
  loadFile,
  type NewContent,
  refusePlaceholder,
  refuseUnseen,
  saveChange,
} from "./apply-file-change.ts";
import { applyHunks } from "./apply-hunks.ts";
import { type Fields, normalizeFields, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { type Operation, parsePatch } from "./patch-format.ts";
import { type ResolvedPath, resolveCheckedPath, resolvePath, toAccess } from "./paths.ts";
import { manual } from "./tool-descriptions.ts";

const outer = { patch: { type: "text", aliases: ["input", "patch_text", "patchText", "diff"] } } satisfies Fields;
const pathField = { path: { type: "path" } } satisfies Fields;

interface Input {
  operations: Operation[];
}

export const patch: Tool<Input> = {
  name: "patch",
  kind: "edit",
  description:
    "Change files with a patch: *** Begin Patch, then *** Add File: p, *** Delete File: p or *** Update File: p " +
    "(*** Move to: q), @@ hunks with 3 context lines and ' ', '-', '+' prefixes, *** End Patch.",
  schema: toSchema(outer),
  normalize: (input) => normalizeFields(outer, toArguments(input)),
  long: manual.patch,
  parallel: false,
  parse,
  async prepare(input, context) {
    const targets = await resolveTargets(input.operations, context);
    const work = await computeChanges(input.operations, context, {
      resolve: (path) => resolvePath(path, context),
      checkSeen: () => null,
    });
    const diffs = Array.isArray(work)
      ? await Promise.all(
          work.map(
            async (change) =>
              (await diffTexts(change.target.title, change.beforeText ?? "", change.afterText ?? "")).diff,
          ),
        )
      : [];
    const first = targets[0]?.title ?? "";
    return {
      title: targets.length > 1 ? `${first} and ${targets.length - 1} more` : first,
      locations: targets.map((target) => ({ path: target.real })),
      accesses: targets.map((target) => toAccess("edit", target)),
      ...(Array.isArray(work) ? { preview: diffs.join("\n") } : {}),
    };
  },
  async run(input, context, prepared) {
    const resolveChecked = (path: string) => resolveCheckedPath(path, context, prepared);
    const targets = await Promise.all(input.operations.flatMap(listPaths).map(resolveChecked));
    const paths = [...new Set(targets.map((target) => target.real))].sort();
    return lockAll(paths, context, async () => {
      const work = await computeChanges(input.operations, context, {
        resolve: resolveChecked,
        checkSeen: refuseUnseen,
      });
      if (!Array.isArray(work)) return work;
      return saveAll(work, context);
    });
  },
};

/** Some models send the patch alone. */
const toArguments = (input: unknown): unknown =>
  typeof input === "string" && input.includes("*** Begin Patch") ? { patch: input } : input;

function parse(input: unknown): Parsed<Input> {
  const read = readFields("patch", outer, toArguments(input));
  if (!read.ok) return read;
  const parsed = parsePatch(read.input.patch);
  if (!parsed.ok) return { ok: false, problem: `patch: ${parsed.problem}` };
  for (const operation of parsed.operations)
    for (const path of listPaths(operation)) {
      const checked = readFields("patch", pathField, { path });
      if (!checked.ok) return checked;
    }
  return { ok: true, input: { operations: parsed.operations } };
}

const listPaths = (operation: Operation) =>
  operation.kind === "update" && operation.moveTo !== null ? [operation.path, operation.moveTo] : [operation.path];

const resolveTargets = (operations: Operation[], context: ToolContext): Promise<ResolvedPath[]> =>
  Promise.all(operations.flatMap(listPaths).map((path) => resolvePath(path, context)));

/** Locks are taken in the order of the paths, so that two patches never wait for each other. */
function lockAll<T>(paths: string[], context: ToolCallContext, work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = paths;
  return first === undefined ? work() : context.lock(first, () => lockAll(rest, context, work));
}

/** How paths are resolved, and whether unread files are refused; while preparing they are not. */
interface Resolver {
  resolve(path: string): Promise<ResolvedPath>;
  checkSeen: typeof refuseUnseen;
}

/** The new content of all files, or the first failure; changes nothing. */
async function computeChanges(
  operations: Operation[],
  context: ToolContext,
  checks: Resolver,
): Promise<NewContent[] | ToolResult> {
  const work: NewContent[] = [];
  for (const operation of operations) {
    const computed = await computeChange(operation, context, checks);
    if ("output" in computed) return computed;
    work.push(...computed.work);
  }
  return work;
}

async function computeChange(
  operation: Operation,
  context: ToolContext,
  checks: Resolver,
): Promise<{ work: NewContent[] } | ToolResult> {
  const target = await checks.resolve(operation.path);
  const found = await loadFile(target, context);
  if (found !== null && "problem" in found) return failWith(`Nothing was changed: ${found.problem}`);
  if (operation.kind === "add") {
    const refusal = found === null ? null : checks.checkSeen(target, found, context, true);
    if (refusal !== null) return refusal;
    const text = operation.lines.map((line) => `${line}\n`).join("");
    const after = new TextEncoder().encode(text);
    const change = {
      target,
      before: found?.bytes ?? null,
      after,
      beforeText: found?.file?.text ?? null,
      afterText: text,
    };
    return refusePlaceholder(change) ?? { work: [change] };
  }
  if (found === null) return failWith(`Nothing was changed: ${target.title} does not exist.`);
  const refusal = checks.checkSeen(target, found, context, operation.kind === "delete");
  if (refusal !== null) return refusal;
  const old = { target, before: found.bytes, beforeText: found.file?.text ?? null };
  if (operation.kind === "delete") return { work: [{ ...old, after: null, afterText: null }] };
  if (found.file === null) return failWith(`Nothing was changed: ${target.title} is not text.`);
  const done = applyHunks(found.file.text, operation.hunks);
  if (!done.ok) return failWith(`Nothing was changed: ${target.title}: ${done.problem}`);
  const hidden = refusePlaceholder({ target, beforeText: found.file.text, afterText: done.text });
  if (hidden !== null) return hidden;
  const after = encodeText({ ...found.file, text: done.text });
  if ("problem" in after) return failWith(`Nothing was changed: ${after.problem}`);
  if (operation.moveTo === null) return { work: [{ ...old, after, afterText: done.text }] };
  const destination = await checks.resolve(operation.moveTo);
  if (destination.kind !== "missing")
    return failWith(`Nothing was changed: the move target ${destination.title} already exists.`);
  return {
    work: [
      { target: destination, before: null, after, beforeText: null, afterText: done.text, mode: target.mode },
      { ...old, after: null, afterText: null },
    ],
  };
}

async function saveAll(work: NewContent[], context: ToolCallContext): Promise<ToolResult> {
  const lines: string[] = [];
  const diffs: string[] = [];
  for (const change of work) {
    try {
      const saved = await saveChange(change, context);
      lines.push(`${describeAction(change)} ${change.target.title} (${formatChangeCounts(saved.change)})`);
      diffs.push(saved.diff);
    } catch (error) {
      const reason = describeError(error);
      return {
        ok: false,
        output: [`${reason} The files after it were not changed.`, ...lines].join("\n"),
        diff: diffs.join("\n"),
      };
    }
  }
  return { ok: true, output: lines.join("\n"), diff: diffs.join("\n") };
}

const describeAction = (change: NewContent) =>
  change.after === null ? "Removed" : change.before === null ? "Created" : "Edited";
