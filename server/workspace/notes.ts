/** The notes of a project: bullets under one heading of its AGENTS.md. Pure. */

const HEADING = "## Notes";

/** The text with one more note at the end of its section, which is made where there is none; its line ends are kept. */
export function withNote(text: string, note: string): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const bullet = `- ${note.trim().replaceAll(/\s*\r?\n\s*/g, " ")}`;
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  const heading = lines.indexOf(HEADING);
  if (heading < 0) return [...lines, ...(lines.length > 0 ? [""] : []), HEADING, "", bullet, ""].join(end);
  const next = lines.findIndex((line, index) => index > heading && /^#{1,2} /.test(line));
  let at = next < 0 ? lines.length : next;
  while (at > heading + 1 && lines[at - 1]?.trim() === "") at--;
  const before = at === heading + 1 ? [""] : [];
  return [...lines.slice(0, at), ...before, bullet, ...lines.slice(at), ""].join(end);
}
