/** What is done with a piece of a file, as one table: what a person reads, which kind of action it is, and what the agent is told. Pure. */
import type { Diagnostic } from "vscode-languageserver/node";

export interface Place {
  /** Absolute. */
  path: string;
  /** Count from 1; the last one is part of it. */
  first: number;
  last: number;
}

export interface Act {
  title: string;
  /** A kind of code action. None begins with `source.fixAll`: editors run those with each save. */
  kind: string;
  /** `answer`: what is said is what the person wants to see. */
  gives: "answer" | "edit";
  text(where: string): string;
}

export const acts = {
  explain: {
    title: "Tutti: explain this",
    kind: "refactor.tutti.explain",
    gives: "answer",
    text: (where) => `Explain ${where}: what it does, how, and what a reader could miss. Change nothing.`,
  },
  refactor: {
    title: "Tutti: make this simpler",
    kind: "refactor.rewrite.tutti",
    gives: "edit",
    text: (where) => `Refactor ${where} so that it reads more simply. What it does must stay the same.`,
  },
  document: {
    title: "Tutti: document this",
    kind: "refactor.tutti.document",
    gives: "edit",
    text: (where) => `Write or improve the documentation comments of ${where}, in the manner of the code around it.`,
  },
  test: {
    title: "Tutti: write tests for this",
    kind: "source.tutti.test",
    gives: "edit",
    text: (where) => `Write tests for ${where}, where and how this project has its tests, and run them.`,
  },
} as const satisfies Record<string, Act>;
export type ActName = keyof typeof acts;

/** So many are told to the agent by themselves; of more, how many there are. */
const MOST_TOLD = 100;

export function placeText({ path, first, last }: Place): string {
  return first === last ? `${path}:${first}` : `${path}:${first}-${last}`;
}

export function fixText(path: string, diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.slice(0, MOST_TOLD).map((one) => `- ${path}:${one.range.start.line + 1}: ${said(one)}`);
  const more = diagnostics.length > MOST_TOLD ? [`- and ${diagnostics.length - MOST_TOLD} more of this file`] : [];
  const what = diagnostics.length === 1 ? "this problem" : "these problems";
  return [`Fix ${what}, with as little change as is right:`, ...lines, ...more].join("\n");
}

export const fixTitle = (diagnostic: Diagnostic): string => `Tutti: fix “${clip(said(diagnostic), 60)}”`;

function said({ message, source, code }: Diagnostic): string {
  const text = typeof message === "string" ? message : message.value;
  const by = [source, code].filter((word) => word !== undefined && word !== "").join(" ");
  return by === "" ? clip(text, 500) : `${clip(text, 500)} (${by})`;
}

function clip(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** Of a comment that was taken out; `line` counts from 0. */
export function commentText(
  path: string,
  { kind, text, line }: { kind: "do" | "ask"; text: string; line: number },
): string {
  const where = placeText({ path, first: line + 1, last: line + 1 });
  const ask = kind === "ask" ? " Answer it, and change nothing" : "";
  return `A comment that stood at ${where}, above or beside what it is about, said:${ask && ` (${ask.trim()}.)`}\n\n${text}`;
}

export const reviewText = (path: string): string =>
  `Review ${path}. Find faults: what is wrong, unsafe or misleading, not what is a matter of taste. Read what you need of the files around it; change nothing. Answer with the findings alone, as JSON: {"findings": [{"line": 1, "severity": "error" | "warning" | "info", "message": "one or two sentences"}]}. An empty list is a good answer.`;
