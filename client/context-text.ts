/** Describes what fills the context of a session, for every client. */
import type { ContextReport, ContextRow } from "../protocol/context-report.ts";
import { printable } from "../protocol/printable.ts";

export interface ContextLine {
  label: string;
  tokens: number;
  /** Of the context, or of what is used if the context is unknown; from 0 to 1. */
  share: number;
}

const LABELS: Readonly<Record<ContextRow["kind"], string>> = {
  system: "System prompt",
  instructions: "Instructions",
  tools: "Tools",
  summary: "Summary of earlier messages",
  prompts: "Prompts",
  responses: "Responses",
  reasoning: "Reasoning",
  calls: "Tool calls",
  results: "Tool results",
};

const formatLabel = ({ kind, name }: ContextRow): string => {
  if (name === undefined) return LABELS[kind];
  return kind === "tools" ? `Tools (${name})` : `${LABELS[kind]}: ${printable(name)}`;
};

/** Everything in the context, what is free, and the reserve. */
export function listContextLines({ rows, used, context, free, reserve }: ContextReport): ContextLine[] {
  const whole = Math.max(1, context ?? used);
  const toLine = (label: string, tokens: number): ContextLine => ({ label, tokens, share: tokens / whole });
  return [
    ...rows.map((row) => toLine(formatLabel(row), row.tokens)),
    ...(free === null ? [] : [toLine("Free", free)]),
    ...(reserve === null ? [] : [toLine("Reserve for the response", reserve)]),
  ];
}

/** What is used of what. */
export function formatContextUse({ used, context }: ContextReport): string {
  const tokens = used.toLocaleString("en-US");
  if (context === null) return `About ${tokens} tokens used; the context is unknown`;
  return `About ${tokens} of ${context.toLocaleString("en-US")} tokens used`;
}

export const formatShare = (share: number): string =>
  share > 0 && share < 0.01 ? "<1 %" : `${Math.round(share * 100)} %`;
