/**
 * Parses one word of a command line, independently of the shell parser: its value if it consists of text and quotes only. Two parsers
 * that must agree reduce the risk of a line that means something else than it seems.
 */

export interface PlainWord {
  /** The value that the program receives. With a wildcard: the word as written, unquoted. */
  value: string;
  /** The text before the first wildcard that the shell expands, or null. */
  glob: string | null;
}

/** Characters with a special meaning outside of quotes. */
const SPECIAL_CHARACTERS = new Set(["$", "`", "(", ")", "<", ">", "|", "&", ";", "\n", " ", "\t"]);
const WILDCARDS = new Set(["*", "?", "["]);
/** What may follow a dollar sign without making it an expansion. */
const LITERAL_DOLLAR_ENDS = new Set([undefined, " ", "\t", "\n", '"', "|", ")", "/", ".", ",", "\\", "%", "]", "^"]);

/** Null if the word contains anything but text, quotes and wildcards. */
export function parseWord(text: string): PlainWord | null {
  let value = "";
  let glob: string | null = null;
  let unquoted = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return null;
      value += text.slice(at + 1, end);
      unquoted += "'";
      at = end;
    } else if (char === '"') {
      const quoted = parseDoubleQuoted(text, at + 1);
      if (quoted === null) return null;
      value += quoted.value;
      unquoted += '"';
      at = quoted.end;
    } else if (char === "\\") {
      const next = text[at + 1];
      if (next === undefined) return null;
      at += 1;
      if (next === "\n") continue;
      value += next;
      unquoted += "\\";
    } else {
      if (SPECIAL_CHARACTERS.has(char) && !(char === "$" && at === text.length - 1 && at > 0)) return null;
      if (WILDCARDS.has(char) && (char !== "[" || text.includes("]", at))) glob ??= value;
      value += char;
      unquoted += char;
    }
  }
  if (/(^|[=:])~/.test(unquoted) || hasBraces(unquoted)) return null;
  return { value, glob };
}

/** Detects `{a,b}` and `{1..3}` anywhere in the word. */
function hasBraces(bare: string): boolean {
  const between = bare.slice(bare.indexOf("{") + 1, bare.lastIndexOf("}"));
  return (
    bare.includes("{") && bare.lastIndexOf("}") > bare.indexOf("{") && (between.includes(",") || between.includes(".."))
  );
}

function parseDoubleQuoted(text: string, start: number): { value: string; end: number } | null {
  let value = "";
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at };
    if (char === "`") return null;
    if (char === "$" && !LITERAL_DOLLAR_ENDS.has(text[at + 1])) return null;
    if (char === "\\") {
      const next = text[at + 1];
      if (next === undefined) return null;
      at += 1;
      if (next === "\n") continue;
      value += '$`"\\'.includes(next) ? next : `\\${next}`;
    } else value += char;
  }
  return null;
}

/** The words of a rule's pattern, or null if it is more than words. */
export function splitWords(text: string): string[] | null {
  const pieces = text.match(/(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+|['"\\]/g) ?? [];
  const words = pieces.map((piece) => parseWord(piece));
  return words.every((word) => word !== null) ? words.map((word) => word.value) : null;
}
