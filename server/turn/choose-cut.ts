/** How much of the history a compaction replaces. Pure. */
import type { StoredMessage } from "../session/history.ts";
import { findRecent, measureMessages } from "./context-budget.ts";

/** The share of the budget that they may use. */
const RECENT_SHARE = 0.3;
/** How many of the last messages are not replaced, if they are not too large. */
const RECENT_MESSAGES = 6;

/** How many messages to replace; 0 if that saves nothing. `budget`: tokens that the messages may use. */
export function chooseCut(messages: readonly StoredMessage[], budget: number | null): number {
  const tokens = RECENT_SHARE * Math.min(budget ?? Number.POSITIVE_INFINITY, measureMessages(messages));
  const start = findRecent(messages, tokens, RECENT_MESSAGES);
  // The last turn is kept whole, if it is small.
  const turn = messages.slice(0, start + 1).findLastIndex(({ role }) => role === "user");
  const whole = turn > 1 && measureMessages(messages.slice(turn)) <= tokens ? turn : start;
  return whole > 1 || measureMessages(messages.slice(0, whole)) > tokens ? whole : 0;
}
