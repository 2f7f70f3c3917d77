/**
 * An editable text stored by line, so that an edit copies one line and not the whole text. Positions are in UTF-16 units and are clamped
 * to the line and the text. Line ends are LF, CR or CRLF, as in LSP.
 */
export interface BufferPosition {
  line: number;
  character: number;
}

export interface TextBuffer {
  text(): string;
  length(): number;
  lineCount(): number;
  /** Without its line end; empty if the line does not exist. */
  line(number: number): string;
  change(range: { start: BufferPosition; end: BufferPosition }, by: string): void;
  replace(text: string): void;
  offsetAt(place: BufferPosition): number;
  positionAt(offset: number): BufferPosition;
}

export function createTextBuffer(text: string): TextBuffer {
  /** With their line ends; the last line has none. */
  let lines = splitLines(text);
  let cachedText: string | null = text;
  let length = text.length;
  /** The offset of each line. */
  let starts: Float64Array | null = null;
  const lineStarts = (): Float64Array => {
    if (starts) return starts;
    const replacement = new Float64Array(lines.length + 1);
    for (const [index, line] of lines.entries()) replacement[index + 1] = (replacement[index] ?? 0) + line.length;
    starts = replacement;
    return replacement;
  };
  const clamp = ({ line, character }: BufferPosition): BufferPosition => {
    if (line < 0) return { line: 0, character: 0 };
    const last = lines.length - 1;
    if (line > last) return { line: last, character: lines[last]?.length ?? 0 };
    return { line, character: Math.max(0, Math.min(character, withoutLineEnd(lines[line] ?? "").length)) };
  };
  const buffer: TextBuffer = {
    text() {
      cachedText ??= lines.join("");
      return cachedText;
    },
    length: () => length,
    lineCount: () => lines.length,
    line: (number) => withoutLineEnd(lines[number] ?? ""),
    change(range, by) {
      const [start, end] = [clamp(range.start), clamp(range.end)];
      // An edit that separates CR and LF, or joins them, also changes the previous line.
      const joins = start.character === 0 && start.line > 0 && lines[start.line - 1]?.endsWith("\r");
      const first = joins ? start.line - 1 : start.line;
      const before = (joins ? lines[first] : lines[first]?.slice(0, start.character)) ?? "";
      const after = lines[end.line]?.slice(end.character) ?? "";
      const made = splitLines(before + by + after);
      // A replacement in the middle of the text ends with a line end; drop the empty line after it.
      if (end.line < lines.length - 1) made.pop();
      length += lengthOf(made) - lengthOf(lines.slice(first, end.line + 1));
      lines = spliceLines(lines, first, end.line + 1 - first, made);
      cachedText = null;
      starts = null;
    },
    replace(text) {
      lines = splitLines(text);
      length = text.length;
      cachedText = text;
      starts = null;
    },
    offsetAt(place) {
      const { line, character } = clamp(place);
      return (lineStarts()[line] ?? 0) + character;
    },
    positionAt(offset) {
      const all = lineStarts();
      let [low, high] = [0, lines.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((all[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return clamp({ line: low, character: offset - (all[low] ?? 0) });
    },
  };
  return buffer;
}

const withoutLineEnd = (line: string): string => line.replace(/\r?\n$|\r$/, "");

/** Matches only line ends: a pattern for whole lines is quadratic on a long last line. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) {
    lines.push(text.slice(from, index + end.length));
    from = index + end.length;
  }
  lines.push(text.slice(from));
  return lines;
}

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0);

/** Splices in place. Too many lines would exceed the maximum number of call arguments. */
function spliceLines(lines: string[], at: number, count: number, by: readonly string[]): string[] {
  if (by.length > 10_000) return [...lines.slice(0, at), ...by, ...lines.slice(at + count)];
  lines.splice(at, count, ...by);
  return lines;
}
