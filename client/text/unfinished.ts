/** Markdown that is still being written, read as what it is about to be, so that nothing flashes when a mark is closed. */

/** Marks that may still become a list, a rule, a heading, a fence or a definition: shown when more has come. */
const undecided = /^ *(?:[-=*_#>+~`: ]+|\d{1,9}[.)]? ?|\[[^\]\n]{0,80}\]:.*)$/;
const fence = /^ {0,3}(?:`{3,}[^`]*|~{3,}.*)$/;

/** The text without a last line that does not yet say what it is. */
export function decided(text: string): string {
  const start = text.lastIndexOf("\n") + 1;
  const last = text.slice(start);
  return undecided.test(last) && !fence.test(last) ? text.slice(0, start) : text;
}

/** A first line of a table gets the second that makes it one; `undefined` where it is none. */
export function finishTable(paragraph: string): string | undefined {
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
const marks = /`+|\*{1,3}|_{1,3}|~~|\\./g;

/** Closes what is open in a run of inline text: the reverse of what was opened, at the end. */
export function finishInline(source: string): string {
  const text = source.replace(openLink, "$1");
  const open: string[] = [];
  let code = "";
  let end = text.length;
  for (const { 0: mark, index } of text.matchAll(marks)) {
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
  const kept = text.slice(0, end);
  if (code !== "") return `${kept}${kept.endsWith("`") ? " " : ""}${code}${closing}`;
  if (closing === "") return kept;
  const halfClosed =
    open[0] !== undefined && kept.endsWith("*") && open[0].length > 1 ? kept.replace(/\*+$/, "") : kept;
  return `${halfClosed.trimEnd()}${closing}`;
}
