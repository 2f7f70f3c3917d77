/** Where something was said in a session, part by part. Pure. */
import type { Part } from "../../protocol/parts.ts";

/** Parts between two yields, and letters after which it yields sooner. */
const SLICE = { parts: 500, letters: 1_000_000 };

export interface FoundParts {
  parts: { id: string; index: number }[];
  more: boolean;
}

/** The parts that hold the text in any case, the newest last; of too many, the newest. Yields now and then, for long sessions. */
export function* findParts(parts: readonly Part[], text: string, limit: number): Generator<void, FoundParts> {
  const wanted = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
  const found: FoundParts["parts"] = [];
  let letters = 0;
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index];
    if (!part) continue;
    const said = textsOf(part);
    if (said.some((one) => wanted.test(one))) {
      if (found.length === limit) return { parts: found.reverse(), more: true };
      found.push({ id: part.id, index });
    }
    letters += said.reduce((sum, one) => sum + one.length, 0);
    if (letters < SLICE.letters && index % SLICE.parts !== 0) continue;
    letters = 0;
    yield;
  }
  return { parts: found.reverse(), more: false };
}

function textsOf(part: Part): string[] {
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
