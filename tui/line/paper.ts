/**
 * How things said become lines: each begins with who says it, and what is outside of that stands indented, so that no text from
 * outside can pass for another speaker. Only printable text gets through. Pure.
 */
import { printable } from "../../protocol/printable.ts";

export const speakers = ["you", "agent", "tool", "question", "notice", "error", "status"] as const;
export type Speaker = (typeof speakers)[number];

export interface Said {
  speaker: Speaker;
  text: string;
  /** Comes in pieces: a line is ended only where the text ends one. `first` begins anew, with the speaker's name. */
  piece?: "first" | "next";
}

/** What stands on the paper so far: who spoke last, and whether that line goes on. */
export interface Paper {
  last: Speaker | null;
  open: boolean;
}

export const blank: Paper = { last: null, open: false };

/** A whole line that would be heard as another speaker's. */
const namesSpeaker = new RegExp(`^[^\\p{L}]*(?:${speakers.join("|")})\\s*:`, "iu");
/** The beginning of a line that may become one. */
const mayNameSpeaker = new RegExp(`^[^\\p{L}]*(?:${speakers.join("|")})\\b`, "iu");

const clean = (text: string): string =>
  printable(text.replaceAll("\r\n", "\n"), { keepNewlines: true }).replaceAll("\t", "    ");

export function written(paper: Paper, { speaker, text, piece }: Said): { paper: Paper; text: string } {
  return piece === undefined ? whole(paper, speaker, clean(text)) : pieces(paper, speaker, clean(text), piece);
}

function whole({ open }: Paper, speaker: Speaker, text: string): { paper: Paper; text: string } {
  const lines = text.split("\n").map((line, index) => begun(speaker, line, index > 0, false));
  return { paper: { last: speaker, open: false }, text: `${open ? "\n" : ""}${lines.join("\n")}\n` };
}

function pieces(paper: Paper, speaker: Speaker, came: string, piece: "first" | "next"): { paper: Paper; text: string } {
  const same = piece === "next" && paper.last === speaker;
  // The end of a line that stands further up.
  const text = same ? came : came.replace(/^\s*(?:\n|$)/, "");
  if (text === "") return { paper, text };
  const goesOn = same && paper.open;
  const ends = text.endsWith("\n");
  const lines = (ends ? text.slice(0, -1) : text).split("\n").map((line, index, all) => {
    if (index === 0 && goesOn) return line;
    const grows = index === all.length - 1 && !ends;
    return begun(speaker, index === 0 ? line.replace(/^ (?=\S)/, "") : line, same || index > 0, grows);
  });
  const before = paper.open && !goesOn ? "\n" : "";
  return { paper: { last: speaker, open: !ends }, text: `${before}${lines.join("\n")}${ends ? "\n" : ""}` };
}

function begun(speaker: Speaker, line: string, continues: boolean, grows: boolean): string {
  if (!continues || (grows ? mayNameSpeaker : namesSpeaker).test(line)) return `${speaker}: ${line}`.trimEnd();
  return line === "" ? "" : `  ${line}`;
}
