/** The icons that every client shows for the kind and the state of a call. */
import type { CallKind, CallState } from "../protocol/events.ts";

export const kindIcons: Readonly<Record<CallKind, string>> = {
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

export const stateIcons: Readonly<Record<CallState, string>> = {
  asked: "○",
  running: "●",
  done: "✓",
  failed: "✗",
  refused: "⊘",
  interrupted: "–",
};
