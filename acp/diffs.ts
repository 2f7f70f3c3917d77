/** Changes of files as an editor compares them, from a unified diff and what is kept of the old text. */
import { applyPatch, parsePatch, type StructuredPatch } from "diff";
import type { FileChange } from "../protocol/events.ts";
import type { FileDiff } from "./editor.ts";

/** Where the texts come from: that of a hash, null where it is not kept or no text. */
export type TextOf = (hash: string) => Promise<string | null>;

/** Of a call that has ended: whole texts where the old one is there and the diff fits it, else the lines that the diff shows. */
export async function diffsOf(
  diff: string | undefined,
  changes: readonly FileChange[],
  paths: readonly string[],
  textOf: TextOf,
): Promise<FileDiff[]> {
  const patches = patchesIn(diff);
  const diffs: FileDiff[] = [];
  for (const [index, patch] of patches.entries()) {
    const change = changes.find(({ path }) => path === pathOf(patch)) ?? changes.find(ends(patch)) ?? changes[index];
    const planned = plannedDiff(patch, change?.path ?? pathFor(patch, paths, index));
    const whole = change && (await wholeTexts(patch, change, textOf));
    diffs.push({
      ...planned,
      ...(change && { operation: operationOf(change) }),
      ...(whole && { texts: [whole] }),
    });
  }
  return diffs;
}

/** Of a change that is only planned: the lines that the diff shows; nothing where the text is no diff. */
export const plannedDiffs = (diff: string, paths: readonly string[]): FileDiff[] =>
  patchesIn(diff).map((patch, index) => plannedDiff(patch, pathFor(patch, paths, index)));

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
): Promise<FileDiff["texts"][number] | null> {
  const old = before === null ? "" : await textOf(before);
  if (old === null) return null;
  const now = after === null ? "" : applyPatch(old, patch);
  return now === false ? null : { before: before === null ? null : old, after: now };
}

const operationOf = ({ before, after }: FileChange): FileDiff["operation"] => {
  if (before === null) return "add";
  return after === null ? "delete" : "modify";
};

function plannedDiff({ hunks }: StructuredPatch, path: string): FileDiff {
  const isNew = hunks.every(({ oldStart, oldLines }) => oldLines === 0 && oldStart <= 1);
  const texts = hunks.map(({ lines }) => ({ before: isNew ? null : sideOf(lines, "+"), after: sideOf(lines, "-") }));
  return { path, operation: isNew ? "add" : "modify", hunks, texts };
}

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
