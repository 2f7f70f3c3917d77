/** Completes Markdown that is still being written, so that the display does not flicker when a mark is closed. */

/** Marks that may still become a list, a rule, a heading, a fence or a definition. Shown once more text has arrived. */
const undecided = /^ *(?:[-=*_#>+~`: ]+|\d{1,9}[.)]? ?|\[[^\]\n]{0,80}\]:.*)$/;
const fence = /^ {0,3}(?:`{3,}[^`]*|~{3,}.*)$/;

/** Drops the last line if its kind cannot be decided yet. */
export function dropUndecidedLine(text: string): string {
  const start = text.lastIndexOf("\n") + 1;
  const last = text.slice(start);
  return undecided.test(last) && !fence.test(last) ? text.slice(0, start) : text;
}

/** Adds the delimiter row to the header of a table; `undefined` if it is not a table. */
export function completeTable(paragraph: string): string | undefined {
  const [header = "", second, ...more] = paragraph.trimEnd().split("\n");
  if (!header.trimStart().startsWith("|") || more.length > 0 || (second !== undefined && !/^[ |:-]*$/.test(second))) {
    return undefined;
  }
  const inside = header
    .trim()
    .slice(1)
    .replace(/(?<!\\)\|$/, "");
  const cells = inside.split(/(?<!\\)\|/).length;
  return `| ${inside} |\n|${"---|".repeat(cells)}`;
}

const openLink = /!?\[([^[\]\n]*)(?:\](?:\([^()\s]*)?)?$/;
const inlineMarks = /`+|\*{1,3}|_{1,3}|~~|\\./g;

/** Closes the open marks of inline text in reverse order. */
export function completeInline(source: string): string {
  const text = source.replace(openLink, "$1");
  const open: string[] = [];
  let code = "";
  let end = text.length;
  for (const { 0: mark, index } of text.matchAll(inlineMarks)) {
    if (code !== "") {
      if (mark === code) code = "";
      continue;
    }
    if (mark.startsWith("\\")) continue;
    const after = text[index + mark.length];
    if (mark.startsWith("`")) {
      if (after === undefined) end = index;
      else code = mark;
    } else if (open.at(-1) === mark) open.pop();
    else if (after === undefined) end = open.some((one) => one.includes(mark)) ? end : index;
    else if (!/\s/.test(after) && !(mark.startsWith("_") && /\w/.test(text[index - 1] ?? ""))) open.push(mark);
  }
  const closing = open.reverse().join("");
  const complete = text.slice(0, end);
  if (code !== "") return `${complete}${complete.endsWith("`") ? " " : ""}${code}${closing}`;
  if (closing === "") return complete;
  const halfClosed =
    open[0] !== undefined && complete.endsWith("*") && open[0].length > 1 ? complete.replace(/\*+$/, "") : complete;
  return `${halfClosed.trimEnd()}${closing}`;
}
