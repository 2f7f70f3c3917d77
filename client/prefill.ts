/** A prompt from a link: it is put into the prompt box for the user to read, and never sent. Pure. */
import { printable } from "../protocol/printable.ts";

const MAX_CHARACTERS = 4_000;

/** Null if there is none, or it is too long. */
export function checkPrefill(text: string | null): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" || trimmed.length > MAX_CHARACTERS ? null : printable(trimmed, { keepNewlines: true });
}
