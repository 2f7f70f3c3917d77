/** Shared by write, edit and patch: reads the file as text, checks that the model has seen it, computes the diff and saves. */
import type { StructuredPatch } from "diff";
import type { FileChange } from "../../protocol/events.ts";
import { SECRET_PLACEHOLDER } from "../../protocol/secrets.ts";
import type { ToolCallContext, ToolContext, ToolResult, WriteOptions } from "../ports.ts";
import { decodeText, type TextFile, toLines } from "../workspace/text-file.ts";
import { escapeControls, numberLines } from "./format-output.ts";
import { checkFileKind, type ResolvedPath } from "./paths.ts";

const MAX_EDITABLE_BYTES = 16 * 1024 * 1024;
const MAX_DIFF_INPUT = 1_000_000;
const MAX_DIFF_LENGTH = 60_000;

export type LoadedFile = { bytes: Uint8Array; hash: string; file: TextFile | null } | { problem: string } | null;

/** The current file; null if it does not exist. */
export async function loadFile(target: ResolvedPath, context: ToolContext): Promise<LoadedFile> {
  const problem = checkFileKind(target);
  if (problem !== null) return { problem };
  if (target.kind === "missing") return null;
  if (target.kind === "directory") return { problem: `${target.title} is a folder, not a file.` };
  if (target.size > MAX_EDITABLE_BYTES)
    return { problem: `${target.title} is larger than 16 MiB; change files of that size with a command.` };
  if (target.readOnly)
    return {
      problem: `${target.title} is read-only, so nothing was changed. Ask before you make it writable; it may be generated or locked.`,
    };
  const bytes = await context.files.read(target.real, MAX_EDITABLE_BYTES);
  return { bytes, hash: context.hash(bytes), file: decodeText(bytes) };
}

/** Null if the model has seen the current content; otherwise a failed result that shows the file, so that the model can retry. */
export function refuseUnseen(
  target: ResolvedPath,
  found: { hash: string; file: TextFile | null },
  context: ToolContext,
  needsReading: boolean,
): ToolResult | null {
  const seen = context.readTracker.getSeenHash(target.real);
  if (seen === found.hash || (seen === null && !needsReading)) return null;
  const reason =
    seen === null
      ? `${target.title} exists and was not read in this session, so nothing was written.`
      : `${target.title} was changed since you read it, so nothing was written.`;
  if (found.file === null)
    return failWith(`${reason} It is not text; ask before you replace it, or remove it with a command.`);
  context.readTracker.markSeen(target.real, found.hash);
  const lines = toLines(found.file.text);
  const shown = numberLines(lines, 1);
  const rest =
    shown.lines < lines.length ? `\n(${lines.length - shown.lines} more lines: read them before you continue)` : "";
  return failWith(`${reason} This is its current content; keep what must stay and try again.\n${shown.text}${rest}`);
}

/**
 * Null, or a refusal of text with a placeholder that the file does not have: the model saw it in place of a secret, and writing it would
 * destroy that secret.
 */
export function refusePlaceholder({ target, beforeText, afterText }: PlaceholderCheck): ToolResult | null {
  const count = (text: string | null): number => (text ?? "").split(SECRET_PLACEHOLDER).length;
  if (count(afterText) <= count(beforeText)) return null;
  return failWith(
    `Nothing was changed: the new text of ${target.title} contains ${SECRET_PLACEHOLDER}, which stands for a secret that is not shown to you. Change only the other lines, or ask the user to set the secret.`,
  );
}

type PlaceholderCheck = Pick<NewContent, "target" | "beforeText" | "afterText">;

export const failWith = (output: string): ToolResult => ({ ok: false, output });

export interface NewContent {
  target: ResolvedPath;
  before: Uint8Array | null;
  after: Uint8Array | null;
  /** As text, for the diff; null if it is not text. */
  beforeText: string | null;
  afterText: string | null;
  /** Permissions of a new file. */
  mode?: number;
}

/** Writes the file, updates the read tracker and the log, and returns the diff. The old content is stored as a blob under its hash. */
export async function saveChange(
  change: NewContent,
  context: ToolCallContext,
): Promise<{ change: FileChange; diff: string }> {
  const { target, before, after } = change;
  const compared = await diffTexts(target.title, change.beforeText ?? "", change.afterText ?? "", MAX_DIFF_LENGTH);
  if (before !== null) await context.blobs.put(before);
  if (after === null) await context.files.remove(target.real);
  else await context.files.write(target.real, after, toWriteOptions(change, context));
  const recorded: FileChange = {
    path: target.real,
    before: before === null ? null : context.hash(before),
    after: after === null ? null : context.hash(after),
    added: compared.added,
    removed: compared.removed,
  };
  if (recorded.after !== null) context.readTracker.markSeen(target.real, recorded.after);
  await context.fileChanged(recorded);
  return { change: recorded, diff: compared.diff };
}

/** Before a file is written in place, the output says where its previous content is, in case that is interrupted. */
function toWriteOptions({ target, before, mode }: NewContent, context: ToolCallContext): WriteOptions {
  return {
    ...(mode === undefined ? {} : { mode }),
    async beforeInPlace() {
      if (before === null) return;
      const kept = context.blobs.path(context.hash(before));
      context.output(`Writing ${target.title} in place. If this is interrupted, its previous content is in ${kept}\n`);
    },
  };
}

export interface TextDiff {
  diff: string;
  added: number;
  removed: number;
}

/**
 * A unified diff, bounded in time. It is whole, since it shows what is to be approved; only with `maxLength` its end is left out, and the
 * number of missing characters is stated.
 */
export async function diffTexts(
  title: string,
  before: string,
  after: string,
  maxLength = Number.POSITIVE_INFINITY,
): Promise<TextDiff> {
  if (before === after) return { diff: "", added: 0, removed: 0 };
  const { formatPatch, structuredPatch } = await import("diff");
  const small = before.length + after.length <= MAX_DIFF_INPUT;
  const options = { context: CONTEXT_LINES, timeout: DIFF_MS };
  const patch =
    (small && structuredPatch(title, title, before, after, undefined, undefined, options)) ||
    replaceMiddle(title, before, after);
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const countLines = (prefix: string) => lines.filter((line) => line.startsWith(prefix)).length;
  return { diff: shortenDiff(formatPatch(patch), maxLength), added: countLines("+"), removed: countLines("-") };
}

const CONTEXT_LINES = 3;
const DIFF_MS = 300;

/** For texts that take too long to compare: everything between the first and the last difference is one change. Linear. */
function replaceMiddle(title: string, before: string, after: string): StructuredPatch {
  const [old, now] = [toLines(before), toLines(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const from = Math.max(0, start - CONTEXT_LINES);
  const kept = Math.min(end, CONTEXT_LINES);
  const mark = (sign: string, lines: readonly string[]): string[] => lines.map((line) => sign + line);
  const lines = [
    ...mark(" ", old.slice(from, start)),
    ...mark("-", old.slice(start, old.length - end)),
    ...mark("+", now.slice(start, now.length - end)),
    ...mark(" ", old.slice(old.length - end, old.length - end + kept)),
  ];
  const hunk = {
    oldStart: from + 1,
    oldLines: old.length - end + kept - from,
    newStart: from + 1,
    newLines: now.length - end + kept - from,
    lines,
  };
  const names = { oldFileName: title, newFileName: title, oldHeader: undefined, newHeader: undefined };
  return { ...names, hunks: [hunk] };
}

function shortenDiff(patch: string, maxLength: number): string {
  const withoutHeading = patch.replace(/^Index: .*\n=+\n/, "");
  const text = escapeControls(withoutHeading.replaceAll("\r\n", "\n"));
  return text.length > maxLength ? `${text.slice(0, maxLength)}\n(${text.length - maxLength} more characters)` : text;
}

export const formatChangeCounts = ({ added, removed }: { added: number; removed: number }): string =>
  `+${added} -${removed}`;
