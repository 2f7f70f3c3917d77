/** What skills add to a turn. Types only. */
import type { Tool } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";

export interface TurnSkills {
  tools: Tool[];
  /** A skill's files can be read like those of the workspace. */
  readRules: string[];
  /** The texts of these skills, for the system prompt; `missing` are names without a skill. */
  load(names: readonly string[]): Promise<{ texts: string[]; missing: string[] }>;
  /** The skills that this session uses, for the summary of its history. `budget`: tokens that messages may use. */
  keep(session: TurnSession, budget: number | null): Promise<string[]>;
}
