/** Wraps styled lines: between words if possible, otherwise within a word. */
import type { Line, Span } from "./style.ts";
import { graphemeWidth, splitGraphemes, textWidth } from "./width.ts";

export interface WrapOptions {
  /** Precedes every row but the first. Left out if it leaves no room for text. */
  indent?: Line;
  /** Breaks at any character and keeps spaces, as for code. */
  anywhere?: boolean;
}

/** The minimum space next to an indent: one wide character. */
const MIN_ROOM = 2;

export const lineWidth = (spans: Line): number => spans.reduce((sum, { text }) => sum + textWidth(text), 0);

export function wrapLine(spans: Line, columns: number, { indent = [], anywhere = false }: WrapOptions = {}): Line[] {
  const most = Math.max(1, columns);
  if (lineWidth(spans) <= most) return [spans];
  const rows = createRowBuilder(most, lineWidth(indent) + MIN_ROOM <= most ? indent : [], anywhere);
  if (anywhere) for (const one of spans) rows.spread(one);
  else for (const word of splitWords(spans)) putWord(rows, word);
  return rows.all();
}

function putWord(rows: RowBuilder, word: readonly Span[]): void {
  const fits = lineWidth(word) <= rows.room();
  if (isBlank(word[0]?.text ?? "")) {
    if (!fits && rows.hasWord()) rows.next();
    else if (fits && !rows.isContinuation()) for (const piece of word) rows.put(piece);
    return;
  }
  if (!fits && rows.hasWord()) rows.next();
  for (const piece of word) rows.spread(piece);
}

type RowBuilder = ReturnType<typeof createRowBuilder>;

function createRowBuilder(most: number, indent: Line, anywhere: boolean) {
  const done: Line[] = [];
  const indentWidth = lineWidth(indent);
  let row: Span[] = [];
  let own = 0;
  let width = 0;
  let hasWord = false;

  const next = () => {
    done.push(anywhere ? row : trimLineEnd(row));
    row = [...indent];
    own = row.length;
    width = indentWidth;
    hasWord = false;
  };
  const put = ({ text, style }: Span) => {
    const last = row.at(-1);
    if (last && row.length > own && last.style === style) row[row.length - 1] = { text: last.text + text, style };
    else row.push({ text, style });
    width += textWidth(text);
  };
  return {
    put,
    next,
    room: () => most - width,
    hasWord: () => hasWord,
    /** At the start of a continuation row. */
    isContinuation: () => done.length > 0 && !hasWord,
    /** Puts the text, breaking between any two characters. */
    spread({ text, style }: Span) {
      hasWord = true;
      if (text.length <= most && textWidth(text) <= most - width) {
        put({ text, style });
        return;
      }
      let piece = "";
      let room = most - width;
      for (const grapheme of splitGraphemes(text)) {
        const columns = graphemeWidth(grapheme);
        if (columns > room && (piece !== "" || row.length > own)) {
          if (piece !== "") put({ text: piece, style });
          piece = "";
          next();
          room = most - width;
        }
        piece += grapheme;
        room -= columns;
      }
      if (piece !== "") put({ text: piece, style });
    },
    all(): Line[] {
      if (row.length > own || done.length === 0) done.push(row);
      return done;
    },
  };
}

/** Scripts without spaces between words may break after each character, but not before closing punctuation. */
const ideograph = "[\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}]";
const pieces = new RegExp(
  `[ \\u3000]+|${ideograph}[\\p{M}\\p{Pe}\\p{Pf}\\p{Po}ー]*|(?:(?!${ideograph})[^ \\u3000])+`,
  "gu",
);
const ascii = /^[\x20-\x7e]*$/;
const asciiPieces = / +|[^ ]+/g;

const isBlank = (text: string): boolean => text[0] === " " || text[0] === "\u3000";

/** Splits into spaces and words. A word may continue in the next span. */
function splitWords(spans: Line): Span[][] {
  const words: Span[][] = [];
  let open: Span[] | undefined;
  for (const { text, style } of spans) {
    for (const piece of text.match(ascii.test(text) ? asciiPieces : pieces) ?? []) {
      const last = open?.at(-1)?.text;
      if (open && last && joins(last, piece)) open.push({ text: piece, style });
      else {
        open = [{ text: piece, style }];
        words.push(open);
      }
    }
  }
  return words;
}

const startsIdeograph = new RegExp(`^${ideograph}`, "u");

const joins = (before: string, piece: string): boolean =>
  isBlank(before) ? isBlank(piece) : !isBlank(piece) && !startsIdeograph.test(before) && !startsIdeograph.test(piece);

function trimLineEnd(row: Line): Line {
  const last = row.at(-1);
  if (!last) return row;
  const text = last.text.replace(/[ \u3000]+$/u, "");
  if (text === last.text) return row;
  return text === "" ? row.slice(0, -1) : [...row.slice(0, -1), { text, style: last.style }];
}
