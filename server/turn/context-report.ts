/**
 * What fills the context of a session's next request, estimated in tokens: a fold of its log. The same estimate decides when the
 * conversation is compacted.
 */

import type { ContextReport, ContextRow } from "../../protocol/context-report.ts";
import type { Envelope, EventOf } from "../../protocol/events.ts";
import { createHistory, isCompacted, type StoredMessage } from "../session/history.ts";
import { estimateTextTokens, getInputBudget, measureMessage } from "./context-budget.ts";

export function createContextReport(envelopes: readonly Envelope[]): ContextReport {
  const history = createHistory();
  for (const envelope of envelopes) history.add(envelope);
  const routed = findLast(envelopes, "model.routed");
  const context = routed?.context ?? null;
  const rows = [
    ...listFixed(findLast(envelopes, "instructions.loaded"), routed),
    ...listMessages(history.messages()),
  ].filter(({ tokens }) => tokens > 0);
  const used = rows.reduce((sum, { tokens }) => sum + tokens, 0);
  const budget = getInputBudget(context);
  return {
    model: routed?.model ?? "",
    rows,
    used,
    context,
    reserve: context === null || budget === null ? null : context - budget,
    free: budget === null ? null : Math.max(0, budget - used),
  };
}

function findLast<T extends "model.routed" | "instructions.loaded">(
  envelopes: readonly Envelope[],
  type: T,
): EventOf<T> | null {
  const found = envelopes.findLast(({ event }) => event.type === type);
  return found ? (found.event as EventOf<T>) : null;
}

/** What every request begins with. */
function listFixed(
  instructions: EventOf<"instructions.loaded"> | null,
  routed: EventOf<"model.routed"> | null,
): ContextRow[] {
  const files = instructions?.sources.map(
    ({ path, tokens = 0 }): ContextRow => ({ kind: "instructions", name: path, tokens }),
  );
  const fileTokens = files?.reduce((sum, { tokens }) => sum + tokens, 0) ?? 0;
  const all = Math.round(estimateTextTokens(instructions?.text ?? ""));
  return [
    { kind: "system", tokens: Math.max(0, all - fileTokens) },
    ...(files ?? []),
    { kind: "tools", name: String(routed?.tools.length ?? 0), tokens: routed?.toolTokens ?? 0 },
  ];
}

const MESSAGE_KINDS = ["summary", "prompts", "responses", "reasoning", "calls", "results"] as const;
type MessageKind = (typeof MESSAGE_KINDS)[number];

function listMessages(messages: readonly StoredMessage[]): ContextRow[] {
  const sums = new Map<MessageKind, number>();
  const add = (kind: MessageKind, message: StoredMessage): void =>
    void sums.set(kind, (sums.get(kind) ?? 0) + measureMessage(message));
  for (const message of messages) {
    if (message.role === "user") add(isCompacted(message) ? "summary" : "prompts", message);
    else if (message.role === "tool") add("results", message);
    else for (const part of message.content) add(PART_KINDS[part.type], { ...message, content: [part] });
  }
  return MESSAGE_KINDS.map((kind) => ({ kind, tokens: Math.round(sums.get(kind) ?? 0) }));
}

const PART_KINDS = { text: "responses", reasoning: "reasoning", call: "calls" } as const;
