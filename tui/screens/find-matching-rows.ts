/** Locates a text in wrapped rows. Pure. */

/** The bar that continues a prompt, a thought or a quotation on each of its rows. */
const BAR = /^[\s▌│]+/u;

const withoutSpace = (text: string): string => text.replace(/\s+/gu, "");

/** The rows in which a match begins, ignoring case; also if it continues on the next rows. */
export function findMatchingRows(rows: readonly string[], text: string): number[] {
  const query = text.toLowerCase();
  const squeezed = withoutSpace(query);
  if (squeezed === "") return [];
  const found = new Set<number>();
  for (const [index, row] of rows.entries()) if (row.toLowerCase().includes(query)) found.add(index);
  // Wrapping removes the space between two rows, so that only matches across rows are located without space.
  const pieces = rows.map((row) => withoutSpace(row.replace(BAR, "")).toLowerCase());
  const joined = pieces.join("");
  let index = 0;
  let end = pieces[0]?.length ?? 0;
  for (let at = joined.indexOf(squeezed); at >= 0; at = joined.indexOf(squeezed, at + 1)) {
    while (at >= end) end += pieces[++index]?.length ?? 0;
    if (at + squeezed.length > end) found.add(index);
  }
  return [...found].sort((one, other) => one - other);
}
