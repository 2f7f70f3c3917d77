/** A diff with line numbers and +/− marks, so that changes do not depend on color alone. */
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { computeFileStat, type DiffRow, parseDiff } from "../client/text/diff.ts";

const MAX_ROWS = 24;
const lineMarks: Record<DiffRow["kind"], string> = { same: " ", removed: "−", added: "+", note: "" };

export const isDiff = (text: string): boolean => /^(---|\+\+\+|@@) /m.test(text);

/** Shows only the first rows unless `whole` is set. */
export function Diff({ text, whole }: { text: string; whole: boolean }): VNode {
  const files = useMemo(() => parseDiff(text), [text]);
  const rows = files.flatMap((file) => {
    const { path, added, removed } = computeFileStat(file);
    const head = { kind: "file" as const, text: `${path}  +${added} −${removed}` };
    return [head, ...file.hunks.flatMap((hunk, index) => [...(index > 0 ? [gap] : []), ...hunk.rows])];
  });
  const shown = whole || rows.length <= MAX_ROWS + 1 ? rows : rows.slice(0, MAX_ROWS);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable with the keyboard.
    <pre class="diff" tabIndex={0}>
      {shown.map((row) =>
        row.kind === "file" || row.kind === "gap" ? (
          <div class={row.kind}>{row.text}</div>
        ) : (
          <div class={row.kind}>
            <span class="number">{row.after ?? row.before ?? ""}</span>
            <span class="mark">{lineMarks[row.kind]}</span>
            <span>{row.text}</span>
          </div>
        ),
      )}
      {shown.length < rows.length && <div class="muted">{`… ${rows.length - shown.length} more lines`}</div>}
    </pre>
  );
}

const gap = { kind: "gap" as const, text: "⋯" };
