/**
 * A text that is typed in, as its lines: what is typed into 20 MB copies one line, not 20 MB. Places are in UTF-16 units; those beyond
 * the end of a line or the text are its end. Lines end as the protocol says: with LF, CR or both.
 */
export interface Place {
  line: number;
  character: number;
}

export interface Text {
  all(): string;
  length(): number;
  count(): number;
  /** Without its end; empty where there is none. */
  line(number: number): string;
  change(range: { start: Place; end: Place }, by: string): void;
  replace(text: string): void;
  offsetAt(place: Place): number;
  placeAt(offset: number): Place;
}

export function openText(text: string): Text {
  /** With their ends; the last one has none. */
  let lines = split(text);
  let whole: string | null = text;
  let length = text.length;
  /** Where each line begins. */
  let starts: Float64Array | null = null;
  const begins = (): Float64Array => {
    if (starts) return starts;
    const made = new Float64Array(lines.length + 1);
    for (const [index, line] of lines.entries()) made[index + 1] = (made[index] ?? 0) + line.length;
    starts = made;
    return made;
  };
  const within = ({ line, character }: Place): Place => {
    if (line < 0) return { line: 0, character: 0 };
    const last = lines.length - 1;
    if (line > last) return { line: last, character: lines[last]?.length ?? 0 };
    return { line, character: Math.max(0, Math.min(character, bare(lines[line] ?? "").length)) };
  };
  const one: Text = {
    all() {
      whole ??= lines.join("");
      return whole;
    },
    length: () => length,
    count: () => lines.length,
    line: (number) => bare(lines[number] ?? ""),
    change(range, by) {
      const [start, end] = [within(range.start), within(range.end)];
      // What is typed between CR and LF, or brings them together, changes the line before, too.
      const joins = start.character === 0 && start.line > 0 && lines[start.line - 1]?.endsWith("\r");
      const first = joins ? start.line - 1 : start.line;
      const before = (joins ? lines[first] : lines[first]?.slice(0, start.character)) ?? "";
      const after = lines[end.line]?.slice(end.character) ?? "";
      const made = split(before + by + after);
      // A line in the middle of the text ends with its own end, behind which there is nothing.
      if (end.line < lines.length - 1) made.pop();
      length += lengthOf(made) - lengthOf(lines.slice(first, end.line + 1));
      lines = spliced(lines, first, end.line + 1 - first, made);
      whole = null;
      starts = null;
    },
    replace(text) {
      lines = split(text);
      length = text.length;
      whole = text;
      starts = null;
    },
    offsetAt(place) {
      const { line, character } = within(place);
      return (begins()[line] ?? 0) + character;
    },
    placeAt(offset) {
      const all = begins();
      let [low, high] = [0, lines.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((all[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return within({ line: low, character: offset - (all[low] ?? 0) });
    },
  };
  return one;
}

const bare = (line: string): string => line.replace(/\r?\n$|\r$/, "");

/** By the ends alone: a pattern of whole lines looks through a long last one again and again. */
function split(text: string): string[] {
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

/** In place where no line comes or goes; `splice` with more arguments than a call can have would throw. */
function spliced(lines: string[], at: number, count: number, by: readonly string[]): string[] {
  if (by.length > 10_000) return [...lines.slice(0, at), ...by, ...lines.slice(at + count)];
  lines.splice(at, count, ...by);
  return lines;
}
