/** Characters that Markdown may write as `&name;` or `&#number;`. A name that is not in the table stays as it is written. */
import { printable } from "../../protocol/printable.ts";

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  copy: "©",
  reg: "®",
  trade: "™",
  deg: "°",
  plusmn: "±",
  times: "×",
  divide: "÷",
  micro: "µ",
  middot: "·",
  bull: "•",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  larr: "←",
  rarr: "→",
  uarr: "↑",
  darr: "↓",
  harr: "↔",
  rArr: "⇒",
  le: "≤",
  ge: "≥",
  ne: "≠",
  asymp: "≈",
  infin: "∞",
  check: "✓",
  euro: "€",
  pound: "£",
  sect: "§",
};

const entity = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z]{2,8}));/g;

const plainText = /^[^&\x00-\x1f\x7f-\uffff]*$/;

/** Text as it may be drawn, also where the lexer decoded some of it already. */
export function decoded(text: string): string {
  if (plainText.test(text)) return text;
  return printable(
    text.replace(entity, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? oneLine(String.fromCodePoint(code)) : "\ufffd";
    }),
    { keepNewlines: true },
  );
}

const oneLine = (character: string): string => (/\s/.test(character) ? " " : character);
