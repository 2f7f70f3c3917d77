/**
 * Writes announcements as lines of text. Each begins with its speaker; its other lines are indented, so that no text from elsewhere can
 * pass for another speaker. Only printable text and line ends are written.
 */
import { printable } from "../../protocol/printable.ts";

export const speakers = ["you", "agent", "tool", "question", "notice", "error", "status"] as const;
export type Speaker = (typeof speakers)[number];

export interface Announcement {
  speaker: Speaker;
  text: string;
  /** The text comes in pieces: a line ends only where the text ends one. `first` starts a new line with the speaker's name. */
  piece?: "first" | "next";
}

export interface Writer {
  write(announcements: readonly Announcement[]): void;
  /** The user has started to type: the next announcement starts a new line. */
  keyPressed(): void;
  /** The user has entered a line. */
  lineEntered(): void;
}

/** `partial` returns the text of the line that the user is typing. */
export function createWriter(output: (text: string) => void, partial: () => string): Writer {
  let state = initialWriterState;
  return {
    write(announcements) {
      let text = "";
      for (const announcement of announcements) {
        const next = formatAnnouncement(state, announcement);
        state = next.state;
        text += next.text;
      }
      if (text === "") return;
      const typed = partial();
      if (typed === "") return output(text);
      // Repeat the unfinished line below the announcements.
      output(`\n${text}${state.isLineOpen ? "\n" : ""}${typed}`);
      state = { ...state, isLineOpen: false };
    },
    keyPressed() {
      if (!state.isLineOpen) return;
      output("\n");
      state = { ...state, isLineOpen: false };
    },
    lineEntered() {
      state = { lastSpeaker: "you", isLineOpen: false };
    },
  };
}

/** Who spoke last, and whether that line continues. */
export interface WriterState {
  lastSpeaker: Speaker | null;
  isLineOpen: boolean;
}

export const initialWriterState: WriterState = { lastSpeaker: null, isLineOpen: false };

interface Formatted {
  state: WriterState;
  text: string;
}

/** A line that looks like another speaker's. */
const namesSpeaker = new RegExp(`^[^\\p{L}]*(?:${speakers.join("|")})\\s*:`, "iu");
/** The start of a line that may become one. */
const mayNameSpeaker = new RegExp(`^[^\\p{L}]*(?:${speakers.join("|")})\\b`, "iu");

const clean = (text: string): string =>
  printable(text.replaceAll("\r\n", "\n"), { keepNewlines: true }).replaceAll("\t", "    ");

export function formatAnnouncement(state: WriterState, { speaker, text, piece }: Announcement): Formatted {
  if (piece === undefined) return formatWhole(state, speaker, clean(text));
  return formatPiece(state, speaker, clean(text), piece);
}

function formatWhole({ isLineOpen }: WriterState, speaker: Speaker, text: string): Formatted {
  const lines = text.split("\n").map((line, index) => formatLine(speaker, line, index > 0, false));
  return {
    state: { lastSpeaker: speaker, isLineOpen: false },
    text: `${isLineOpen ? "\n" : ""}${lines.join("\n")}\n`,
  };
}

function formatPiece(state: WriterState, speaker: Speaker, received: string, piece: "first" | "next"): Formatted {
  const isSameSpeaker = piece === "next" && state.lastSpeaker === speaker;
  // After another speaker, drop the end of a line that is further up.
  const text = isSameSpeaker ? received : received.replace(/^\s*(?:\n|$)/, "");
  if (text === "") return { state, text };
  const continuesLine = isSameSpeaker && state.isLineOpen;
  const endsLine = text.endsWith("\n");
  const lines = (endsLine ? text.slice(0, -1) : text).split("\n").map((line, index, all) => {
    if (index === 0 && continuesLine) return line;
    const isGrowing = index === all.length - 1 && !endsLine;
    const content = index === 0 ? line.replace(/^ (?=\S)/, "") : line;
    return formatLine(speaker, content, isSameSpeaker || index > 0, isGrowing);
  });
  const before = state.isLineOpen && !continuesLine ? "\n" : "";
  return {
    state: { lastSpeaker: speaker, isLineOpen: !endsLine },
    text: `${before}${lines.join("\n")}${endsLine ? "\n" : ""}`,
  };
}

function formatLine(speaker: Speaker, line: string, isContinuation: boolean, isGrowing: boolean): string {
  if (!isContinuation || (isGrowing ? mayNameSpeaker : namesSpeaker).test(line)) return `${speaker}: ${line}`.trimEnd();
  return line === "" ? "" : `  ${line}`;
}
