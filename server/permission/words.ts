/**
 * Reads one word of a command line on its own, beside the real parser: what the shell would make of it when it holds nothing
 * but text and quotes. Two readers that must agree leave less room for a line that means something else than it seems.
 */

export interface PlainWord {
  /** What the program gets. With a wildcard in it: the word as written, unquoted. */
  value: string;
  /** Text before the first wildcard that the shell itself expands, or null where there is none. */
  glob: string | null;
}

/** Characters that mean something to the shell when they stand outside quotes. */
const special = new Set(["$", "`", "(", ")", "<", ">", "|", "&", ";", "\n", " ", "\t"]);
const wildcard = new Set(["*", "?", "["]);
/** What may follow a dollar sign without making it an expansion: the end, a blank, or one of these. */
const dollarEnds = new Set([undefined, " ", "\t", "\n", '"', "|", ")", "/", ".", ",", "\\", "%", "]", "^"]);

/** Null where the word holds anything but text, quotes and wildcards: then nobody should trust a guess. */
export function readWord(text: string): PlainWord | null {
  let value = "";
  let glob: string | null = null;
  let bare = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return null;
      value += text.slice(at + 1, end);
      bare += "'";
      at = end;
    } else if (char === '"') {
      const quoted = readDouble(text, at + 1);
      if (quoted === null) return null;
      value += quoted.value;
      bare += '"';
      at = quoted.end;
    } else if (char === "\\") {
      const next = text[at + 1];
      if (next === undefined) return null;
      at += 1;
      if (next === "\n") continue;
      value += next;
      bare += "\\";
    } else {
      if (special.has(char) && !(char === "$" && at === text.length - 1 && at > 0)) return null;
      if (wildcard.has(char) && (char !== "[" || text.includes("]", at))) glob ??= value;
      value += char;
      bare += char;
    }
  }
  if (/(^|[=:])~/.test(bare) || hasBraces(bare)) return null;
  return { value, glob };
}

/** `{a,b}` and `{1..3}`, wherever the braces stand. */
function hasBraces(bare: string): boolean {
  const between = bare.slice(bare.indexOf("{") + 1, bare.lastIndexOf("}"));
  return (
    bare.includes("{") && bare.lastIndexOf("}") > bare.indexOf("{") && (between.includes(",") || between.includes(".."))
  );
}

function readDouble(text: string, start: number): { value: string; end: number } | null {
  let value = "";
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at };
    if (char === "`") return null;
    if (char === "$" && !dollarEnds.has(text[at + 1])) return null;
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

/** The words of a pattern in a rule, or null where it is more than words. */
export function splitWords(text: string): string[] | null {
  const pieces = text.match(/(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+|['"\\]/g) ?? [];
  const words = pieces.map((piece) => readWord(piece));
  return words.every((word) => word !== null) ? words.map((word) => word.value) : null;
}
