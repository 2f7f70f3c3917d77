/**
 * Decodes HTML entities in Markdown. Names that are not in the table stay as they are: models rarely write others. The package
 * `entities` knows all 2,231, but adds 30 KB to the terminal and the web page, and takes 7 to 10 ms to load.
 */
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

/** Returns printable text. The lexer may have decoded some of it already. */
export function decodeEntities(text: string): string {
  if (plainText.test(text)) return text;
  return printable(
    text.replace(entity, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? normalizeSpace(String.fromCodePoint(code)) : "\ufffd";
    }),
    { keepNewlines: true },
  );
}

const normalizeSpace = (character: string): string => (/\s/.test(character) ? " " : character);
