/** Finds the lines of a Markdown text that are code: in a fenced block, or in a code span that began on a line before. Pure. */

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** A function that tells of the line with this index, from 0, whether it is code. */
export function findCodeLines(text: string): (index: number) => boolean {
  const code = new Set<number>();
  let fence: string | null = null;
  /** Lines of the current paragraph: a code span does not continue after it. */
  let paragraph: { index: number; line: string }[] = [];
  const endParagraph = () => {
    for (const index of findSpannedLines(paragraph)) code.add(index);
    paragraph = [];
  };
  for (const [index, line] of text.split("\n").entries()) {
    const [, marker = "", info = ""] = FENCE.exec(line.replace(/\r$/, "")) ?? [];
    if (fence !== null) {
      code.add(index);
      if (marker.startsWith(fence) && info.trim() === "") fence = null;
    } else if (marker !== "" && !(marker.startsWith("`") && info.includes("`"))) {
      endParagraph();
      code.add(index);
      fence = marker;
    } else if (line.trim() === "") endParagraph();
    else paragraph.push({ index, line });
  }
  endParagraph();
  return (index) => code.has(index);
}

/** Lines whose beginning is in a code span. */
function findSpannedLines(paragraph: readonly { index: number; line: string }[]): number[] {
  const runs = paragraph.flatMap(({ index, line }) =>
    Array.from(line.matchAll(/`+/g), ([run]) => ({ index, length: run.length })),
  );
  const lines: number[] = [];
  for (let at = 0; at < runs.length; ) {
    const open = runs[at];
    const closing = runs.findIndex(({ length }, other) => other > at && length === open?.length);
    const close = runs[closing];
    if (open === undefined || close === undefined) at += 1;
    else {
      for (let index = open.index + 1; index <= close.index; index += 1) lines.push(index);
      at = closing + 1;
    }
  }
  return lines;
}
