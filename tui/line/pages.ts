/** Where what is said goes: standard output, without a single control character but line ends, and around a line that is being written. */
import { blank, type Said, written } from "./paper.ts";

export interface Pages {
  say(said: readonly Said[]): void;
  /** A person begins to write, or has ended a line: what comes next begins a new one. */
  key(): void;
  entered(): void;
}

/** `partial`: what stands in the line that is being written. */
export function openPages(out: (text: string) => void, partial: () => string): Pages {
  let paper = blank;
  return {
    say(all) {
      let text = "";
      for (const said of all) {
        const next = written(paper, said);
        paper = next.paper;
        text += next.text;
      }
      if (text === "") return;
      const begun = partial();
      if (begun === "") return out(text);
      // It was begun long ago: it is repeated below what came between.
      out(`\n${text}${paper.open ? "\n" : ""}${begun}`);
      paper = { ...paper, open: false };
    },
    key() {
      if (!paper.open) return;
      out("\n");
      paper = { ...paper, open: false };
    },
    entered() {
      paper = { last: "you", open: false };
    },
  };
}
