/** How every client formats costs, token counts and file mentions. */
import type { EventOf } from "../protocol/events.ts";
import type { ModelUsage } from "../protocol/parts.ts";

/** Null if nothing was used or no model has a price. */
export function formatCost(usage: readonly ModelUsage[]): string | null {
  const priced = usage.filter(({ cost: one }) => one !== null);
  if (priced.length === 0) return null;
  const sum = priced.reduce((total, { cost: one }) => total + (one ?? 0), 0);
  if (sum === 0) return null;
  const some = usage.length > priced.length || usage.some(({ estimated }) => estimated) ? "~" : "";
  return `${some}$${sum < 1 ? sum.toFixed(4) : sum.toFixed(2)}`;
}

/** 950, 12k, 1.5M. */
export function formatCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 999_500) return `${(count / 1000).toFixed(count < 9950 ? 1 : 0).replace(/\.0$/, "")}k`;
  return `${(count / 1_000_000).toFixed(1).replace(/\.0$/, "")}M`;
}

/** One line about a compaction. */
export function formatCompaction({ reason, tokens }: Pick<EventOf<"history.compacted">, "reason" | "tokens">): string {
  if (!tokens) return `The conversation was compacted: ${reason}`;
  const { before, after, input = 0, cached = 0 } = tokens;
  const share = input > 0 ? `; ${Math.floor((cached / input) * 100)} % of the request was cached` : "";
  return `Compacted: ${before.toLocaleString("en-US")} -> ${after.toLocaleString("en-US")} tokens${share}. ${reason}`;
}

/** A file name as it follows an @ in a prompt: quoted where it contains spaces. */
export const quoteMention = (name: string): string => (/\s/.test(name) ? `"${name}"` : name);
