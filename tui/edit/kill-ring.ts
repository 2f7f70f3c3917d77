/** The kill ring, as in Emacs and readline: texts that were cut or copied, newest last. */

export interface KillRing {
  readonly texts: readonly string[];
  /** The last command, if the next one can continue it. */
  readonly last:
    | { readonly kind: "kill" }
    | { readonly kind: "yank"; readonly from: number; readonly at: number }
    | null;
}

export const emptyKillRing: KillRing = { texts: [], last: null };

const MAX_TEXTS = 60;

/** Consecutive kills become one text; `side` says where the new one is added. */
export function addKill({ texts, last }: KillRing, text: string, side: "left" | "right"): KillRing {
  if (text === "") return { texts, last };
  const before = last?.kind === "kill" ? texts.at(-1) : undefined;
  if (before === undefined) return { texts: [...texts, text].slice(-MAX_TEXTS), last: { kind: "kill" } };
  return { texts: texts.with(-1, side === "left" ? text + before : before + text), last: { kind: "kill" } };
}

export const addCopy = ({ texts }: KillRing, text: string): KillRing =>
  text === "" ? { texts, last: null } : { texts: [...texts, text].slice(-MAX_TEXTS), last: null };

/** Call after any other command: the next kill starts a new text, and a yank can no longer be exchanged. */
export const endKillSequence = (killRing: KillRing): KillRing =>
  killRing.last === null ? killRing : { ...killRing, last: null };
