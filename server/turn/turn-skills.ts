/** What skills add to a turn. */
import type { Tool } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";

export interface TurnSkills {
  tools: Tool[];
  /** A skill's files can be read like those of the workspace. */
  readRules: string[];
  /** The texts of these skills, for the system prompt; `problems` say of each other one why it is not used, as in `the skill X, which does not exist`. */
  load(names: readonly string[]): Promise<{ texts: string[]; problems: string[] }>;
  /** The skills that this session uses, for the summary of its history. `budget`: tokens that messages may use. */
  keep(session: TurnSession, budget: number | null): Promise<string[]>;
}

export const missingSkill = (name: string): string => `the skill ${name}, which does not exist`;
