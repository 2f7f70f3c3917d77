/** The actions for a range of a file, as one table: title, kind and prompt. Also the prompts for fixes, comments and reviews. Pure. */
import type { Diagnostic } from "vscode-languageserver/node";
import { findingsRequest } from "../client/findings.ts";

export interface LineRange {
  /** Absolute. */
  path: string;
  /** Counted from 1; `last` is included. */
  first: number;
  last: number;
}

export interface EditorAction {
  title: string;
  /** The code action kind. Not `source.fixAll`, which editors may run on every save. */
  kind: string;
  /** `answer`: show the response to the user. */
  result: "answer" | "edit";
  prompt(where: string): string;
}

export const editorActions = {
  explain: {
    title: "Tutti: Explain this",
    kind: "refactor.tutti.explain",
    result: "answer",
    prompt: (location) => `Explain ${location}: what it does, how, and what a reader could miss. Change nothing.`,
  },
  refactor: {
    title: "Tutti: Simplify this",
    kind: "refactor.rewrite.tutti",
    result: "edit",
    prompt: (location) => `Refactor ${location} so that it reads more simply. What it does must stay the same.`,
  },
  document: {
    title: "Tutti: Document this",
    kind: "refactor.tutti.document",
    result: "edit",
    prompt: (location) =>
      `Write or improve the documentation comments of ${location}, in the manner of the code around it.`,
  },
  test: {
    title: "Tutti: Write tests for this",
    kind: "source.tutti.test",
    result: "edit",
    prompt: (location) => `Write tests for ${location}, where and how this project has its tests, and run them.`,
  },
} as const satisfies Record<string, EditorAction>;
export type ActionName = keyof typeof editorActions;

/** The maximum number of diagnostics listed in a prompt; of more, only the count. */
const MAX_LISTED = 100;

export function formatLocation({ path, first, last }: LineRange): string {
  return first === last ? `${path}:${first}` : `${path}:${first}-${last}`;
}

export function formatFixPrompt(path: string, diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics
    .slice(0, MAX_LISTED)
    .map((one) => `- ${path}:${one.range.start.line + 1}: ${describeDiagnostic(one)}`);
  const more = diagnostics.length > MAX_LISTED ? [`- and ${diagnostics.length - MAX_LISTED} more in this file`] : [];
  const subject = diagnostics.length === 1 ? "this problem" : "these problems";
  return [`Fix ${subject} with as little change as possible:`, ...lines, ...more].join("\n");
}

export const formatFixTitle = (diagnostic: Diagnostic): string =>
  `Tutti: Fix “${truncate(describeDiagnostic(diagnostic), 60)}”`;

function describeDiagnostic({ message, source, code }: Diagnostic): string {
  const text = typeof message === "string" ? message : message.value;
  const origin = [source, code].filter((word) => word !== undefined && word !== "").join(" ");
  return origin === "" ? truncate(text, 500) : `${truncate(text, 500)} (${origin})`;
}

function truncate(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** The prompt for a comment that was removed; `line` counts from 0. */
export function formatCommentPrompt(
  path: string,
  { kind, text, line }: { kind: "do" | "ask"; text: string; line: number },
): string {
  const location = formatLocation({ path, first: line + 1, last: line + 1 });
  const ask = kind === "ask" ? " Answer it, and change nothing" : "";
  return `A comment at ${location}, next to the code that it is about, said:${ask && ` (${ask.trim()}.)`}\n\n${text}`;
}

export const formatReviewPrompt = (path: string): string =>
  `Review ${path}. Find faults: what is wrong, unsafe or misleading, not matters of taste. Read related files as needed; change nothing. ${findingsRequest}`;
