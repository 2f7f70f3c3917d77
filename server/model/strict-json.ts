/**
 * A strict JSON parser that reports where and why it stopped, rejects duplicate keys and keys that change a prototype, and can leave
 * text after the value. Used for model output, where a wrong guess could do harm.
 */
export type JsonResult =
  | { ok: true; value: unknown; end: number }
  | { ok: false; at: number; reason: string; truncated: boolean };

const maxDepth = 256;
const blank = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literals: [string, unknown][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** Thrown and caught inside this file. */
class ParseStop extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

export function parseStrictJson(text: string, from = 0): JsonResult {
  let at = from;

  const skip = () => {
    blank.lastIndex = at;
    blank.test(text);
    at = blank.lastIndex;
  };

  function fail(reason: string): never {
    throw new ParseStop(at, at >= text.length ? "the text ends here" : reason);
  }

  function string(): string {
    const start = at;
    for (at += 1; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 92) at += 1;
      else if (code < 32) fail("a control character inside a string");
      else if (code === 34) {
        at += 1;
        return decodeString(text.slice(start, at), start);
      }
    }
    at = text.length;
    return fail("");
  }

  function decodeString(quoted: string, start: number): string {
    if (!quoted.includes("\\")) return quoted.slice(1, -1);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      at = start;
      return fail("a string with an unknown escape");
    }
  }

  function object(depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    at += 1;
    skip();
    if (text[at] === "}") {
      at += 1;
      return result;
    }
    for (;;) {
      if (text[at] !== '"')
        fail(text[at] === "'" ? "single quotes" : text[at] === "}" ? "a comma before the end" : "a key was expected");
      const before = at;
      const key = string();
      if (Object.hasOwn(result, key) || key === "__proto__") {
        at = before;
        fail(key === "__proto__" ? 'the key "__proto__" is not allowed' : `the key ${JSON.stringify(key)} comes twice`);
      }
      skip();
      if (text[at] !== ":") fail("a colon was expected");
      at += 1;
      result[key] = value(depth);
      skip();
      if (text[at] === "}") break;
      if (text[at] !== ",") fail("a comma or the end of the object was expected");
      at += 1;
      skip();
    }
    at += 1;
    return result;
  }

  function array(depth: number): unknown[] {
    const result: unknown[] = [];
    at += 1;
    skip();
    if (text[at] === "]") {
      at += 1;
      return result;
    }
    for (;;) {
      result.push(value(depth));
      skip();
      if (text[at] === "]") break;
      if (text[at] !== ",") fail("a comma or the end of the list was expected");
      at += 1;
    }
    at += 1;
    return result;
  }

  function value(depth: number): unknown {
    if (depth > maxDepth) fail("nested too deep");
    skip();
    const first = text[at];
    if (first === "{") return object(depth + 1);
    if (first === "[") return array(depth + 1);
    if (first === '"') return string();
    for (const [word, meaning] of literals) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
      if (at < text.length && word.startsWith(text.slice(at, at + 5)) && at + 5 > text.length) at = text.length;
    }
    number.lastIndex = at;
    const digits = number.exec(text)?.[0];
    if (digits === undefined) return fail(first === "'" ? "single quotes" : "a value was expected");
    at += digits.length;
    return Number(digits);
  }

  try {
    const read = value(0);
    return { ok: true, value: read, end: at };
  } catch (error) {
    if (error instanceof ParseStop)
      return { ok: false, at: error.at, reason: error.message, truncated: error.at >= text.length };
    throw error;
  }
}
