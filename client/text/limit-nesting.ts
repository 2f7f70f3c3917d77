/** Limits the nesting of Markdown, line by line, before it is parsed. */

/** Each level of quotes and lists costs a pass over the rest of the text. */
const MAX_DEPTH = 16;
const MAX_INDENT = 60;
const container = / *(?:>|(?:[-*+]|\d{1,9}[.)])(?= ))/y;
const deepIndent = new RegExp(`^ {${MAX_INDENT},}(?=[-*+>\\d])`);
/** The lexer does not support footnotes and would read them as link definitions. */
const footnote = /^ {0,3}(?=\[\^[^\]\s]+\]:)/;

export function limitNesting(line: string): string {
  const text = line.replace(deepIndent, " ".repeat(MAX_INDENT)).replace(footnote, "$&\\");
  container.lastIndex = 0;
  for (let depth = 0; container.test(text); depth++) {
    if (depth === MAX_DEPTH) {
      const at = text.slice(0, container.lastIndex).search(/\S+$/);
      return `${text.slice(0, at)}\\${text.slice(at)}`;
    }
  }
  return text;
}
