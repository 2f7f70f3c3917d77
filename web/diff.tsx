/** A diff, unified or side by side, with line numbers and +/− marks, so that changes do not depend on color alone. */
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { computeFileStat, type DiffRow, type FileDiff, parseDiff } from "../client/text/diff.ts";
import { languageOf } from "../client/text/languages.ts";
import { type PairedRow, pairRows, type RowPair, type WordRange } from "../client/text/row-pairs.ts";
import { highlightLines, type ToHtml, type Token, useGrammars } from "./code.tsx";
import { chooseDiffLayout, type DiffLayout, useDiffLayout } from "./diff-layout.ts";

const MAX_ROWS = 24;
const lineMarks: Record<DiffRow["kind"], string> = { same: " ", removed: "−", added: "+", note: "" };

export const isDiff = (text: string): boolean => /^(---|\+\+\+|@@) /m.test(text);

/** Shows only the first rows unless `whole` is set. */
export function Diff({ text, whole }: { text: string; whole: boolean }): VNode {
  const { layout, canSplit } = useDiffLayout();
  const files = useMemo(() => parseDiff(text), [text]);
  const toHtml = useGrammars(languageOf(files[0]?.path ?? ""));
  const rows = useMemo(() => files.flatMap((file) => layoutFile(file, layout, toHtml)), [files, layout, toHtml]);
  const shown = whole || rows.length <= MAX_ROWS + 1 ? rows : rows.slice(0, MAX_ROWS);
  return (
    <div class="diff-box">
      {canSplit && (
        <button
          type="button"
          class="diff-layout"
          aria-pressed={layout === "split"}
          onClick={() => chooseDiffLayout(layout === "split" ? "unified" : "split")}
        >
          Side by side
        </button>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable with the keyboard. */}
      <pre class={`diff ${layout}`} tabIndex={0}>
        {shown}
        {shown.length < rows.length && <div class="muted">{`… ${rows.length - shown.length} more lines`}</div>}
      </pre>
    </div>
  );
}

function layoutFile(file: FileDiff, layout: DiffLayout, toHtml: ToHtml | null): VNode[] {
  const { path, added, removed } = computeFileStat(file);
  const language = languageOf(path);
  return [
    <div class="file">{`${path}  +${added} −${removed}`}</div>,
    ...file.hunks.flatMap(({ rows, title }, index) => [
      ...(index > 0 ? [<div class="gap">{title === "" ? "⋯" : `⋯ ${title}`}</div>] : []),
      ...layoutHunk(rows, language, layout, toHtml),
    ]),
  ];
}

/** Some rows of a file, such as one change with the lines around it. */
export function HunkView({ path, rows }: { path: string; rows: readonly DiffRow[] }): VNode {
  const { layout } = useDiffLayout();
  const language = languageOf(path);
  const toHtml = useGrammars(language);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable with the keyboard.
    <pre class={`diff ${layout}`} tabIndex={0}>
      {layoutHunk(rows, language, layout, toHtml)}
    </pre>
  );
}

function layoutHunk(rows: readonly DiffRow[], language: string, layout: DiffLayout, toHtml: ToHtml | null): VNode[] {
  const tokens = highlightRows(rows, language, toHtml);
  const pairs = pairRows(rows);
  return layout === "split" ? pairs.map((pair) => drawPair(pair, tokens)) : drawUnified(pairs, tokens);
}

type Tokens = ReadonlyMap<DiffRow, readonly Token[]>;

/** Highlights each side as in its file, so that a comment over several lines is recognized on both. */
function highlightRows(rows: readonly DiffRow[], language: string, toHtml: ToHtml | null): Tokens {
  const tokens = new Map<DiffRow, readonly Token[]>();
  for (const gone of ["added", "removed"] as const) {
    const side = rows.filter(({ kind }) => kind !== gone && kind !== "note");
    const lines = highlightLines(toHtml, side.map(({ text }) => text).join("\n"), language);
    for (const [index, row] of side.entries()) if (lines[index]) tokens.set(row, lines[index]);
  }
  return tokens;
}

/** Runs of removed lines are above the added lines. */
function drawUnified(pairs: readonly RowPair[], tokens: Tokens): VNode[] {
  const rows: VNode[] = [];
  let added: VNode[] = [];
  for (const { before, after } of pairs) {
    if (before && before === after) rows.push(...added.splice(0));
    if (before) rows.push(drawRow(before, tokens));
    if (after && after !== before) added = [...added, drawRow(after, tokens)];
  }
  return [...rows, ...added];
}

const drawRow = (paired: PairedRow, tokens: Tokens): VNode => (
  <div class={paired.row.kind}>
    <Cell paired={paired} number={paired.row.after ?? paired.row.before} tokens={tokens} />
  </div>
);

function drawPair({ before, after }: RowPair, tokens: Tokens): VNode {
  if (before?.row.kind === "note") return drawRow(before, tokens);
  return (
    <div class="pair">
      <div class={`side ${before?.row.kind ?? ""}`}>
        {before && <Cell paired={before} number={before.row.before} tokens={tokens} />}
      </div>
      <div class={`side ${after?.row.kind ?? ""}`}>
        {after && <Cell paired={after} number={after.row.after} tokens={tokens} />}
      </div>
    </div>
  );
}

function Cell({ paired, number, tokens }: { paired: PairedRow; number: number | undefined; tokens: Tokens }): VNode {
  const { row, words } = paired;
  return (
    <>
      <span class="number">{number ?? ""}</span>
      <span class="mark">{lineMarks[row.kind]}</span>
      <span>
        {splitAtWords(tokens.get(row) ?? [{ class: "", text: row.text }], words).map(({ text, changed, ...one }) =>
          changed ? (
            <span class={`word ${one.class}`}>{text}</span>
          ) : one.class === "" ? (
            text
          ) : (
            <span class={one.class}>{text}</span>
          ),
        )}
      </span>
    </>
  );
}

function splitAtWords(tokens: readonly Token[], words: readonly WordRange[]): (Token & { changed: boolean })[] {
  const pieces: (Token & { changed: boolean })[] = [];
  let at = 0;
  for (const token of tokens) {
    const end = at + token.text.length;
    const inside = words.flat().filter((edge) => edge > at && edge < end);
    const edges = [at, ...inside, end];
    for (const [index, from] of edges.slice(0, -1).entries()) {
      const text = token.text.slice(from - at, (edges[index + 1] ?? end) - at);
      pieces.push({ class: token.class, text, changed: words.some(([start, stop]) => from >= start && from < stop) });
    }
    at = end;
  }
  return pieces;
}
