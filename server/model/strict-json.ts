/**
 * A strict JSON reader that says where and why it stopped, refuses a key that comes twice or would change a prototype, and can
 * leave text after the value. Used for what a model wrote, where a guess could do harm.
 */
export type Read = { ok: true; value: unknown; end: number } | { ok: false; at: number; why: string; cut: boolean };

const deepest = 256;
const blank = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const words: [string, unknown][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** Thrown inside of this file only. */
class Stop extends Error {
  readonly at: number;
  constructor(at: number, why: string) {
    super(why);
    this.at = at;
  }
}

export function readJson(text: string, from = 0): Read {
  let at = from;

  const skip = () => {
    blank.lastIndex = at;
    blank.test(text);
    at = blank.lastIndex;
  };

  function fail(why: string): never {
    throw new Stop(at, at >= text.length ? "the text ends here" : why);
  }

  function string(): string {
    const start = at;
    for (at += 1; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 92) at += 1;
      else if (code < 32) fail("a control character inside a string");
      else if (code === 34) {
        at += 1;
        return unescaped(text.slice(start, at), start);
      }
    }
    at = text.length;
    return fail("");
  }

  function unescaped(quoted: string, start: number): string {
    if (!quoted.includes("\\")) return quoted.slice(1, -1);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      at = start;
      return fail("a string with an unknown escape");
    }
  }

  function object(depth: number): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    at += 1;
    skip();
    if (text[at] === "}") {
      at += 1;
      return made;
    }
    for (;;) {
      if (text[at] !== '"')
        fail(text[at] === "'" ? "single quotes" : text[at] === "}" ? "a comma before the end" : "a key was expected");
      const before = at;
      const key = string();
      if (Object.hasOwn(made, key) || key === "__proto__") {
        at = before;
        fail(key === "__proto__" ? 'the key "__proto__" is not allowed' : `the key ${JSON.stringify(key)} comes twice`);
      }
      skip();
      if (text[at] !== ":") fail("a colon was expected");
      at += 1;
      made[key] = value(depth);
      skip();
      if (text[at] === "}") break;
      if (text[at] !== ",") fail("a comma or the end of the object was expected");
      at += 1;
      skip();
    }
    at += 1;
    return made;
  }

  function array(depth: number): unknown[] {
    const made: unknown[] = [];
    at += 1;
    skip();
    if (text[at] === "]") {
      at += 1;
      return made;
    }
    for (;;) {
      made.push(value(depth));
      skip();
      if (text[at] === "]") break;
      if (text[at] !== ",") fail("a comma or the end of the list was expected");
      at += 1;
    }
    at += 1;
    return made;
  }

  function value(depth: number): unknown {
    if (depth > deepest) fail("nested too deep");
    skip();
    const first = text[at];
    if (first === "{") return object(depth + 1);
    if (first === "[") return array(depth + 1);
    if (first === '"') return string();
    for (const [word, meaning] of words) {
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
    if (error instanceof Stop) return { ok: false, at: error.at, why: error.message, cut: error.at >= text.length };
    throw error;
  }
}
