/** Searches the parts of a session. Pure. */
import type { Part } from "../../protocol/parts.ts";

/** Parts, and characters, between two yields. */
const SLICE = { parts: 500, characters: 1_000_000 };

export interface FoundParts {
  parts: { id: string; index: number }[];
  more: boolean;
}

/**
 * The parts that contain the text, case-insensitively, newest last; if there are too many, the newest. Yields regularly, for long
 * sessions.
 */
export function* findParts(parts: readonly Part[], text: string, limit: number): Generator<void, FoundParts> {
  const pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
  const found: FoundParts["parts"] = [];
  let characters = 0;
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index];
    if (!part) continue;
    const texts = getTexts(part);
    if (texts.some((text) => pattern.test(text))) {
      if (found.length === limit) return { parts: found.reverse(), more: true };
      found.push({ id: part.id, index });
    }
    characters += texts.reduce((sum, text) => sum + text.length, 0);
    if (characters < SLICE.characters && index % SLICE.parts !== 0) continue;
    characters = 0;
    yield;
  }
  return { parts: found.reverse(), more: false };
}

function getTexts(part: Part): string[] {
  switch (part.type) {
    case "prompt":
    case "text":
    case "reasoning":
    case "notice":
      return [part.text];
    case "call":
      return [part.title, part.output, part.diff ?? ""];
    case "compaction":
      return [part.summary];
    default:
      return part satisfies never;
  }
}
