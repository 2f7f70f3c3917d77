/**
 * Makes text from outside (a model, a program, a file name, a page) safe to display: characters that control a terminal, change the
 * reading direction or are invisible are written as escapes, such as `\x1b` or `\u{202e}`.
 */

/** Colors and weights carry no content, so they are removed. */
const colours = /\x1b\[[0-9;:]*m/g;

/** Joiners are meaningful after emoji and in scripts that join letters; elsewhere they are invisible. */
const joining =
  "Arabic Devanagari Bengali Gujarati Gurmukhi Kannada Khmer Malayalam Mongolian Oriya Sinhala Syriac Tamil Telugu";
const joinable = new RegExp(
  `(?:\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\ufe0f|${joining.replace(/\w+/g, "\\p{Script=$&}").replaceAll(" ", "|")})$`,
  "u",
);

/** C0 · DEL and C1 · soft hyphen · fillers and joiners · zero width and direction · line separators · selectors · lone surrogates · tags. */
const suspicious = new RegExp(
  `[${[
    "\\x00-\\x1f",
    "\\x7f-\\x9f",
    "\\xad",
    "\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\uffa0",
    "\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff",
    "\\u2028\\u2029\\ufff9-\\ufffb",
    "\\ufe00-\\ufe0f",
    "\\p{Cs}",
    "\\u{e0000}-\\u{e0fff}",
  ].join("")}]`,
  "gu",
);

const selector = /[\ufe00-\ufe0f]/;

export function printable(text: string, options: { keepNewlines?: boolean } = {}): string {
  return text.replace(colours, "").replace(suspicious, (character, at: number, whole: string) => {
    if (character === "\t" || (character === "\n" && options.keepNewlines === true)) return character;
    const before = whole.slice(Math.max(0, at - 2), at);
    if ((character === "\u200c" || character === "\u200d") && joinable.test(before)) return character;
    if (selector.test(character) && before !== "" && !selector.test(before.slice(-1))) return character;
    return written(character.codePointAt(0) ?? 0);
  });
}

function written(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}
