/** Marks that stand before a call on every screen: of what kind it is, and how it stands. */
import type { CallKind, CallState } from "../protocol/events.ts";

export const kindSigns: Readonly<Record<CallKind, string>> = {
  read: "→",
  edit: "✎",
  execute: "$",
  search: "⌕",
  fetch: "⇣",
  think: "∴",
  ask: "?",
  task: "◇",
  other: "•",
};

export const stateMarks: Readonly<Record<CallState, string>> = {
  asked: "○",
  running: "●",
  done: "✓",
  failed: "✗",
  refused: "⊘",
  interrupted: "–",
};
