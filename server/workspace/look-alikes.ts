/** Characters that people and models take for each other: typographic quotes, dashes, spaces, ellipses, and composed letters. Pure. */

const PLAIN: readonly [RegExp, string][] = [
  [/[\u2018-\u201b\u2032]/g, "'"],
  [/[\u201c-\u201f\u2033]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " "],
  [/\u2026/g, "..."],
];

/** Equal for texts that look alike: plain characters in place of typographic ones, letters composed (NFC). */
export const foldLookAlikes = (text: string): string =>
  PLAIN.reduce((folded, [typographic, plain]) => folded.replace(typographic, plain), text.normalize("NFC"));
