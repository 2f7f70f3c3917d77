/** Lines of Markdown that would cost more than they say, put right before they are taken apart. One line in, one line out. */

/** Quotes and lists inside each other: no person reads more of them, and each costs a pass over the rest. */
const DEEPEST = 16;
const MOST_INDENT = 60;
const container = / *(?:>|(?:[-*+]|\d{1,9}[.)])(?= ))/y;
const deepMark = new RegExp(`^ {${MOST_INDENT},}(?=[-*+>\\d])`);
/** Not known to the lexer, which would take it for the definition of a link. */
const footnote = /^ {0,3}(?=\[\^[^\]\s]+\]:)/;

export function tame(line: string): string {
  const text = line.replace(deepMark, " ".repeat(MOST_INDENT)).replace(footnote, "$&\\");
  container.lastIndex = 0;
  for (let depth = 0; container.test(text); depth++) {
    if (depth === DEEPEST) {
      const at = text.slice(0, container.lastIndex).search(/\S+$/);
      return `${text.slice(0, at)}\\${text.slice(at)}`;
    }
  }
  return text;
}
