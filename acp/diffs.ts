/** Changes of files as an editor compares them: the text before and the text after, from a unified diff and what is kept of the old text. */
import type { ToolCallContent } from "@agentclientprotocol/sdk";
import { applyPatch, parsePatch, type StructuredPatch } from "diff";
import type { FileChange } from "../protocol/events.ts";

/** Where the texts come from: that of a hash, null where it is not kept or no text. */
export type TextOf = (hash: string) => Promise<string | null>;

/** Of a call that has ended: whole texts where the old one is there and the diff fits it, else the lines that the diff shows. */
export async function diffsOf(
  diff: string | undefined,
  changes: readonly FileChange[],
  paths: readonly string[],
  textOf: TextOf,
): Promise<ToolCallContent[]> {
  const patches = patchesIn(diff);
  const contents: ToolCallContent[] = [];
  for (const [index, patch] of patches.entries()) {
    const change = changes.find(({ path }) => path === pathOf(patch)) ?? changes.find(ends(patch)) ?? changes[index];
    const path = change?.path ?? pathFor(patch, paths, index);
    const whole = change && (await wholeTexts(patch, change, textOf));
    contents.push(...(whole ? [{ type: "diff" as const, path: change.path, ...whole }] : shownLines(patch, path)));
  }
  return contents;
}

/** Of a change that is only planned: the lines that the diff shows; nothing where the text is no diff. */
export const plannedDiffs = (diff: string, paths: readonly string[]): ToolCallContent[] =>
  patchesIn(diff).flatMap((patch, index) => shownLines(patch, pathFor(patch, paths, index)));

function patchesIn(diff: string | undefined): StructuredPatch[] {
  if (diff === undefined || !/^@@ /m.test(diff)) return [];
  try {
    return parsePatch(diff);
  } catch {
    // A diff that was cut off, or is none: the words are shown.
    return [];
  }
}

async function wholeTexts(
  patch: StructuredPatch,
  { before, after }: FileChange,
  textOf: TextOf,
): Promise<{ oldText: string | null; newText: string } | null> {
  const old = before === null ? "" : await textOf(before);
  if (old === null) return null;
  const now = after === null ? "" : applyPatch(old, patch);
  return now === false ? null : { oldText: before === null ? null : old, newText: now };
}

const shownLines = ({ hunks }: StructuredPatch, path: string): ToolCallContent[] =>
  hunks.map(({ lines, oldStart, oldLines }) => ({
    type: "diff",
    path,
    oldText: oldLines === 0 && oldStart <= 1 ? null : sideOf(lines, "+"),
    newText: sideOf(lines, "-"),
  }));

/** One side of a hunk: its lines without those of the other. */
const sideOf = (lines: readonly string[], other: "+" | "-"): string =>
  lines
    .filter((line) => !line.startsWith(other) && !line.startsWith("\\"))
    .map((line) => `${line.slice(1)}\n`)
    .join("");

const pathOf = ({ newFileName, oldFileName }: StructuredPatch): string =>
  (newFileName === "/dev/null" ? oldFileName : newFileName) ?? "";

const ends =
  (patch: StructuredPatch) =>
  ({ path }: { path: string }): boolean =>
    path.endsWith(`/${pathOf(patch)}`);

const pathFor = (patch: StructuredPatch, paths: readonly string[], index: number): string =>
  paths.find((path) => ends(patch)({ path })) ?? paths[index] ?? pathOf(patch);
