/** Folds the log of a session into its usage by time, model and agent. Pure. Times are kept, so that days are those of the reader. */
import type { Envelope, EventOf } from "../../protocol/events.ts";

interface UsageNumbers {
  requests: number;
  input: number;
  cached: number;
  output: number;
  /** USD of the requests that have a price. */
  cost: number;
  /** Requests without a price. */
  unpriced: number;
}

export interface UsageEntry extends UsageNumbers {
  /** Milliseconds since 1970, rounded down to a quarter of an hour: every time zone begins its days at one. */
  at: number;
  model: string;
  agent: string;
  tier?: string;
  /** Of requests that are not steps of a turn. */
  purpose?: string;
}

export interface UsageFold {
  /** The agent of the running turn, or of the last one. */
  agent: string;
  entries: readonly UsageEntry[];
}

export const emptyUsage: UsageFold = { agent: "", entries: [] };

const QUARTER_MS = 15 * 60 * 1000;

export function foldUsage(fold: UsageFold, envelopes: readonly Envelope[]): UsageFold {
  let { agent } = fold;
  const entries = new Map(fold.entries.map((entry) => [getKey(entry), entry]));
  for (const { at, event } of envelopes) {
    // What precedes it in a copied session was used by the original, which counts it.
    if (event.type === "session.opened") entries.clear();
    if (event.type === "turn.started") agent = event.agent;
    if (event.type !== "usage.counted") continue;
    const entry = toEntry(event, Math.floor(at / QUARTER_MS) * QUARTER_MS, agent);
    const key = getKey(entry);
    const known = entries.get(key);
    entries.set(key, known ? addUsage(known, entry) : entry);
  }
  return { agent, entries: [...entries.values()] };
}

const getKey = ({ at, model, agent, tier = "", purpose = "" }: UsageEntry): string =>
  JSON.stringify([at, model, agent, tier, purpose]);

function toEntry(event: EventOf<"usage.counted">, at: number, agent: string): UsageEntry {
  const { model, tier, purpose, usage } = event;
  const { input, cached, output, cost } = usage;
  return {
    at,
    model,
    agent,
    ...(tier !== undefined && { tier }),
    ...(purpose !== undefined && { purpose }),
    requests: 1,
    input,
    cached,
    output,
    cost: cost ?? 0,
    unpriced: cost === null ? 1 : 0,
  };
}

/** The first one with the numbers of both. */
export const addUsage = <T extends UsageNumbers>(entry: T, more: UsageNumbers): T => ({
  ...entry,
  requests: entry.requests + more.requests,
  input: entry.input + more.input,
  cached: entry.cached + more.cached,
  output: entry.output + more.output,
  cost: entry.cost + more.cost,
  unpriced: entry.unpriced + more.unpriced,
});

/** `YYYY-MM-DD` in the time zone of this process. */
export function toLocalDay(at: number): string {
  const date = new Date(at);
  const pad = (number: number): string => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}
