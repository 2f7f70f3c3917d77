/** patch: changes to several files in one envelope, for models that were trained on it. All files or none. */
import type { CallWorld, Tool, ToolResult, ToolWorld } from "../ports.ts";
import { compare, failed, load, type NewContent, refuseUnseen, save, summary } from "./change.ts";
import { type Fields, type Parsed, readFields } from "./input.ts";
import { manual } from "./manual.ts";
import { applyHunks, type Operation, parsePatch } from "./patch-format.ts";
import { findJudged, findPlace, type Place, wantOf } from "./paths.ts";
import { encodeText } from "./text.ts";

const outer = { patch: { type: "text", also: ["input", "patch_text", "patchText", "diff"] } } satisfies Fields;
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
  schema: { type: "object", properties: { patch: { type: "string" } }, required: ["patch"] },
  long: manual.patch,
  parallel: false,
  parse,
  async plan(input, world) {
    const places = await placesOf(input.operations, world);
    const work = await prepare(input.operations, world, { find: (path) => findPlace(path, world), refuse: () => null });
    const diffs = Array.isArray(work)
      ? await Promise.all(
          work.map(async (one) => (await compare(one.place.title, one.beforeText ?? "", one.afterText ?? "")).diff),
        )
      : [];
    const first = places[0]?.title ?? "";
    return {
      title: places.length > 1 ? `${first} and ${places.length - 1} more` : first,
      locations: places.map((place) => ({ path: place.real })),
      wants: places.map((place) => wantOf("edit", place)),
      ...(Array.isArray(work) ? { preview: diffs.join("\n") } : {}),
    };
  },
  async run(input, world, plan) {
    const judged = (path: string) => findJudged(path, world, plan);
    const places = await Promise.all(input.operations.flatMap(pathsOf).map(judged));
    const paths = [...new Set(places.map((place) => place.real))].sort();
    return lockAll(paths, world, async () => {
      const work = await prepare(input.operations, world, { find: judged, refuse: refuseUnseen });
      return Array.isArray(work) ? saveAll(work, world) : work;
    });
  },
};

function parse(input: unknown): Parsed<Input> {
  const text = typeof input === "string" && input.includes("*** Begin Patch") ? { patch: input } : input;
  const read = readFields("patch", outer, text);
  if (!read.ok) return read;
  const parsed = parsePatch(read.input.patch);
  if (!parsed.ok) return { ok: false, problem: `patch: ${parsed.problem}` };
  for (const operation of parsed.operations)
    for (const path of pathsOf(operation)) {
      const checked = readFields("patch", pathField, { path });
      if (!checked.ok) return checked;
    }
  return { ok: true, input: { operations: parsed.operations } };
}

const pathsOf = (operation: Operation) =>
  operation.kind === "update" && operation.moveTo !== null ? [operation.path, operation.moveTo] : [operation.path];

const placesOf = (operations: Operation[], world: ToolWorld): Promise<Place[]> =>
  Promise.all(operations.flatMap(pathsOf).map((path) => findPlace(path, world)));

/** Locks are taken in the order of the paths, so that two patches never wait for each other. */
function lockAll<T>(paths: string[], world: CallWorld, work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = paths;
  return first === undefined ? work() : world.lock(first, () => lockAll(rest, world, work));
}

/** How a path becomes a place, and whether what is unread is refused: a plan only looks. */
interface Checks {
  find(path: string): Promise<Place>;
  refuse: typeof refuseUnseen;
}

/** What all files would become, or the first reason why not; changes nothing. */
async function prepare(operations: Operation[], world: ToolWorld, checks: Checks): Promise<NewContent[] | ToolResult> {
  const work: NewContent[] = [];
  for (const operation of operations) {
    const prepared = await prepareOne(operation, world, checks);
    if ("output" in prepared) return prepared;
    work.push(...prepared.work);
  }
  return work;
}

async function prepareOne(
  operation: Operation,
  world: ToolWorld,
  checks: Checks,
): Promise<{ work: NewContent[] } | ToolResult> {
  const place = await checks.find(operation.path);
  const found = await load(place, world);
  if (found !== null && "problem" in found) return failed(`Nothing was changed: ${found.problem}`);
  if (operation.kind === "add") {
    const refusal = found === null ? null : checks.refuse(place, found, world, true);
    if (refusal !== null) return refusal;
    const text = operation.lines.map((line) => `${line}\n`).join("");
    const after = new TextEncoder().encode(text);
    return {
      work: [{ place, before: found?.bytes ?? null, after, beforeText: found?.file?.text ?? null, afterText: text }],
    };
  }
  if (found === null) return failed(`Nothing was changed: ${place.title} does not exist.`);
  const refusal = checks.refuse(place, found, world, operation.kind === "delete");
  if (refusal !== null) return refusal;
  const old = { place, before: found.bytes, beforeText: found.file?.text ?? null };
  if (operation.kind === "delete") return { work: [{ ...old, after: null, afterText: null }] };
  if (found.file === null) return failed(`Nothing was changed: ${place.title} is not text.`);
  const done = applyHunks(found.file.text, operation.hunks);
  if (!done.ok) return failed(`Nothing was changed: ${place.title}: ${done.problem}`);
  const after = encodeText({ ...found.file, text: done.text });
  if ("problem" in after) return failed(`Nothing was changed: ${after.problem}`);
  if (operation.moveTo === null) return { work: [{ ...old, after, afterText: done.text }] };
  const target = await checks.find(operation.moveTo);
  if (target.kind !== "missing") return failed(`Nothing was changed: ${target.title}, to move to, exists already.`);
  return {
    work: [
      { place: target, before: null, after, beforeText: null, afterText: done.text },
      { ...old, after: null, afterText: null },
    ],
  };
}

async function saveAll(work: NewContent[], world: CallWorld): Promise<ToolResult> {
  const lines: string[] = [];
  const diffs: string[] = [];
  for (const one of work) {
    try {
      const saved = await save(one, world);
      lines.push(`${verb(one)} ${one.place.title} (${summary(saved.change)})`);
      diffs.push(saved.diff);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return {
        ok: false,
        output: [`${why} The files after it were not changed.`, ...lines].join("\n"),
        diff: diffs.join("\n"),
      };
    }
  }
  return { ok: true, output: lines.join("\n"), diff: diffs.join("\n") };
}

const verb = (one: NewContent) => (one.after === null ? "Removed" : one.before === null ? "Created" : "Edited");
