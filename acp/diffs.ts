/** Creates file diffs for an editor, from a unified diff and the stored old text. */
import { applyPatch, parsePatch, type StructuredPatch } from "diff";
import type { FileChange } from "../protocol/events.ts";
import type { FileDiff } from "./editor.ts";

/** Reads stored text by hash; null if it is not stored or not text. */
export type ReadBlobText = (hash: string) => Promise<string | null>;

/** For an ended call: complete texts if the old text is stored and the diff applies to it; otherwise only the diff's lines. */
export async function diffsOf(
  diff: string | undefined,
  changes: readonly FileChange[],
  paths: readonly string[],
  textOf: ReadBlobText,
): Promise<FileDiff[]> {
  const patches = parsePatches(diff);
  const diffs: FileDiff[] = [];
  for (const [index, patch] of patches.entries()) {
    const change =
      changes.find(({ path }) => path === pathOf(patch)) ?? changes.find(endsWithName(patch)) ?? changes[index];
    const planned = pendingDiff(patch, change?.path ?? pathFor(patch, paths, index));
    const whole = change && (await wholeTexts(patch, change, textOf));
    diffs.push({
      ...planned,
      ...(change && { operation: operationOf(change) }),
      ...(whole && { texts: [whole] }),
    });
  }
  return diffs;
}

/** For a proposed change: the diff's lines; empty if the text is not a diff. */
export const pendingDiffs = (diff: string, paths: readonly string[]): FileDiff[] =>
  parsePatches(diff).map((patch, index) => pendingDiff(patch, pathFor(patch, paths, index)));

function parsePatches(diff: string | undefined): StructuredPatch[] {
  if (diff === undefined || !/^@@ /m.test(diff)) return [];
  try {
    return parsePatch(diff);
  } catch {
    // Not a diff, or truncated: the text is shown instead.
    return [];
  }
}

async function wholeTexts(
  patch: StructuredPatch,
  { before, after }: FileChange,
  textOf: ReadBlobText,
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

function pendingDiff({ hunks }: StructuredPatch, path: string): FileDiff {
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

const endsWithName =
  (patch: StructuredPatch) =>
  ({ path }: { path: string }): boolean =>
    path.endsWith(`/${pathOf(patch)}`);

const pathFor = (patch: StructuredPatch, paths: readonly string[], index: number): string =>
  paths.find((path) => endsWithName(patch)({ path })) ?? paths[index] ?? pathOf(patch);
