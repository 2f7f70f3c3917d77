/** A diff, file by file: lines with their numbers and marks, so that colour is not all that tells them apart. */
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { type DiffRow, parseDiff, statOf } from "../client/text/diff.ts";

const MOST_ROWS = 24;
const marks: Record<DiffRow["kind"], string> = { same: " ", removed: "−", added: "+", note: "" };

export const isDiff = (text: string): boolean => /^(---|\+\+\+|@@) /m.test(text);

/** Folded to its first rows unless `whole`. */
export function Diff({ text, whole }: { text: string; whole: boolean }): VNode {
  const files = useMemo(() => parseDiff(text), [text]);
  const rows = files.flatMap((file) => {
    const { path, added, removed } = statOf(file);
    const head = { kind: "file" as const, text: `${path}  +${added} −${removed}` };
    return [head, ...file.hunks.flatMap((hunk, index) => [...(index > 0 ? [gap] : []), ...hunk.rows])];
  });
  const shown = whole || rows.length <= MOST_ROWS + 1 ? rows : rows.slice(0, MOST_ROWS);
  return (
    <pre class="diff">
      {shown.map((row) =>
        row.kind === "file" || row.kind === "gap" ? (
          <div class={row.kind}>{row.text}</div>
        ) : (
          <div class={row.kind}>
            <span class="number">{row.after ?? row.before ?? ""}</span>
            <span class="mark">{marks[row.kind]}</span>
            <span>{row.text}</span>
          </div>
        ),
      )}
      {shown.length < rows.length && <div class="muted">{`… ${rows.length - shown.length} more lines`}</div>}
    </pre>
  );
}

const gap = { kind: "gap" as const, text: "⋯" };
