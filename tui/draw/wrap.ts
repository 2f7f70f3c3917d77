/** Breaks styled lines where they are too long: between words where it can, inside of one where it must. */
import type { Line, Span } from "./style.ts";
import { graphemes, graphemeWidth, textWidth } from "./width.ts";

export interface Wrapping {
  /** Stands before every row but the first, and counts. */
  indent?: Line;
  /** Breaks anywhere, as code is broken; blanks stay. */
  anywhere?: boolean;
}

const words = /[^\s]+|\s+/gu;

export function wrap(spans: Line, columns: number, { indent = [], anywhere = false }: Wrapping = {}): Line[] {
  const most = Math.max(1, columns);
  if (spans.reduce((sum, { text }) => sum + textWidth(text), 0) <= most) return [spans];
  const indentWidth = indent.reduce((sum, { text }) => sum + textWidth(text), 0);
  const rows: Line[] = [];
  let row: Span[] = [];
  let width = 0;
  const next = (): void => {
    rows.push(anywhere ? row : withoutEnd(row));
    row = [...indent];
    width = indentWidth;
  };
  const isEmpty = (): boolean => width === (rows.length === 0 ? 0 : indentWidth);
  const put = (text: string, style: Span["style"]): void => {
    const last = row.at(-1);
    if (last && last.style === style && row.length > (rows.length === 0 ? 0 : indent.length)) {
      row[row.length - 1] = { text: last.text + text, style };
    } else row.push({ text, style });
    width += textWidth(text);
  };
  const pieces = anywhere ? spans : wordsOf(spans);
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] as Span;
    const blank = !anywhere && /^\s/u.test(piece.text);
    if (blank && rows.length > 0 && isEmpty()) continue;
    const whole = anywhere || blank ? textWidth(piece.text) : wordWidth(pieces, at);
    if (!anywhere && !blank && width + whole > most && !isEmpty() && startsWord(pieces, at)) next();
    if (width + textWidth(piece.text) <= most) {
      put(piece.text, piece.style);
      continue;
    }
    if (blank) {
      next();
      continue;
    }
    for (const grapheme of graphemes(piece.text)) {
      if (width + graphemeWidth(grapheme) > most && !isEmpty()) next();
      put(grapheme, piece.style);
    }
  }
  if (row.length > (rows.length === 0 ? 0 : indent.length) || rows.length === 0) rows.push(row);
  return rows;
}

/** Blanks and words apart; a word may go on in the next span. */
function wordsOf(spans: Line): Span[] {
  return spans.flatMap(({ text, style }) => (text.match(words) ?? []).map((word) => ({ text: word, style })));
}

const isBlank = (piece: Span | undefined): boolean => piece === undefined || /^\s/u.test(piece.text);

const startsWord = (pieces: readonly Span[], at: number): boolean => isBlank(pieces[at - 1]);

/** Columns of the word that begins here, over all its spans. */
function wordWidth(pieces: readonly Span[], at: number): number {
  let width = 0;
  for (let next = at; !isBlank(pieces[next]); next++) width += textWidth(pieces[next]?.text ?? "");
  return width;
}

function withoutEnd(row: readonly Span[]): Line {
  const last = row.at(-1);
  if (!last) return row;
  const text = last.text.replace(/\s+$/u, "");
  if (text === last.text) return row;
  return text === "" ? row.slice(0, -1) : [...row.slice(0, -1), { text, style: last.style }];
}
