/** What was cut and copied, newest last, to be put back: the kill ring of a shell's and Emacs' editing. */

export interface Kills {
  readonly texts: readonly string[];
  /** What the last command was, when that is what the next one goes on with. */
  readonly last:
    | { readonly kind: "kill" }
    | { readonly kind: "yank"; readonly from: number; readonly at: number }
    | null;
}

export const noKills: Kills = { texts: [], last: null };

const MOST = 60;

/** Kills that follow each other become one, on the side where they were. */
export function killed({ texts, last }: Kills, text: string, side: "left" | "right"): Kills {
  if (text === "") return { texts, last };
  const before = last?.kind === "kill" ? texts.at(-1) : undefined;
  if (before === undefined) return { texts: [...texts, text].slice(-MOST), last: { kind: "kill" } };
  return { texts: texts.with(-1, side === "left" ? text + before : before + text), last: { kind: "kill" } };
}

export const copied = ({ texts }: Kills, text: string): Kills =>
  text === "" ? { texts, last: null } : { texts: [...texts, text].slice(-MOST), last: null };

/** Something else was done: the next kill begins anew, and a yank is no longer exchanged. */
export const settled = (kills: Kills): Kills => (kills.last === null ? kills : { ...kills, last: null });
