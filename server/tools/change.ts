/** What write, edit and patch share: reading the file as text, the ledger's judgement, the diff, and saving. */
import type { FileChange } from "../../protocol/events.ts";
import type { CallWorld, ToolResult, ToolWorld } from "../ports.ts";
import { fileProblem, type Place } from "./paths.ts";
import { numbered, visible } from "./show.ts";
import { decodeText, type TextFile, toLines } from "./text.ts";

const mostEditable = 16 * 1024 * 1024;
const mostDiffable = 1_000_000;
const mostDiffShown = 60_000;

export type Loaded = { bytes: Uint8Array; hash: string; file: TextFile | null } | { problem: string } | null;

/** The file as it is now; null where there is none. */
export async function load(place: Place, world: ToolWorld): Promise<Loaded> {
  const problem = fileProblem(place);
  if (problem !== null) return { problem };
  if (place.kind === "missing") return null;
  if (place.kind === "directory") return { problem: `${place.title} is a folder, not a file.` };
  if (place.size > mostEditable)
    return { problem: `${place.title} has more than 16 MiB; change files of that size with a command.` };
  const bytes = await world.files.read(place.real, mostEditable);
  return { bytes, hash: world.hash(bytes), file: decodeText(bytes) };
}

/** Null where the model knows what it is about to change; else a refusal that shows the file, so that it can try again. */
export function refuseUnseen(
  place: Place,
  found: { hash: string; file: TextFile | null },
  world: ToolWorld,
  needsReading: boolean,
): ToolResult | null {
  const seen = world.ledger.seen(place.real);
  if (seen === found.hash || (seen === null && !needsReading)) return null;
  const why =
    seen === null
      ? `${place.title} exists and was not read in this session, so nothing was written.`
      : `${place.title} was changed since you read it, so nothing was written.`;
  if (found.file === null)
    return failed(`${why} It is not text; ask before you replace it, or remove it with a command.`);
  world.ledger.saw(place.real, found.hash);
  const lines = toLines(found.file.text);
  const shown = numbered(lines, 1);
  const rest =
    shown.lines < lines.length ? `\n(${lines.length - shown.lines} more lines: read them before you go on)` : "";
  return failed(`${why} This is its content now; keep what must stay and try again.\n${shown.text}${rest}`);
}

export const failed = (output: string): ToolResult => ({ ok: false, output });

export interface NewContent {
  place: Place;
  before: Uint8Array | null;
  after: Uint8Array | null;
  /** As text, for the diff; null where it is not text. */
  beforeText: string | null;
  afterText: string | null;
}

/** Writes it, tells the ledger and the log, and gives the diff. The bytes that go are kept as a blob under their hash. */
export async function save(change: NewContent, world: CallWorld): Promise<{ change: FileChange; diff: string }> {
  const { place, before, after } = change;
  const compared = await compare(place.title, change.beforeText ?? "", change.afterText ?? "");
  if (before !== null) await world.blobs.put(before);
  if (after === null) await world.files.remove(place.real);
  else await world.files.write(place.real, after);
  const told: FileChange = {
    path: place.real,
    before: before === null ? null : world.hash(before),
    after: after === null ? null : world.hash(after),
    added: compared.added,
    removed: compared.removed,
  };
  if (told.after !== null) world.ledger.saw(place.real, told.after);
  await world.changed(told);
  return { change: told, diff: compared.diff };
}

export interface Compared {
  diff: string;
  added: number;
  removed: number;
}

/** A unified diff, bounded in time and size. */
export async function compare(title: string, before: string, after: string): Promise<Compared> {
  if (before === after) return { diff: "", added: 0, removed: 0 };
  const { formatPatch, structuredPatch } = await import("diff");
  const small = before.length + after.length <= mostDiffable;
  const patch = small
    ? structuredPatch(title, title, before, after, undefined, undefined, { context: 3, timeout: 300 })
    : undefined;
  if (patch === undefined) {
    const [removed, added] = [toLines(before).length, toLines(after).length];
    return {
      diff: `--- ${title}\n+++ ${title}\n(too large to compare: ${removed} lines before, ${added} after)`,
      added,
      removed,
    };
  }
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const starting = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return { diff: shortenDiff(formatPatch(patch)), added: starting("+"), removed: starting("-") };
}

function shortenDiff(patch: string): string {
  const withoutHeading = patch.replace(/^Index: .*\n=+\n/, "");
  const text = visible(withoutHeading.replaceAll("\r\n", "\n"));
  return text.length > mostDiffShown
    ? `${text.slice(0, mostDiffShown)}\n(${text.length - mostDiffShown} more characters)`
    : text;
}

export const summary = ({ added, removed }: { added: number; removed: number }): string => `+${added} -${removed}`;
