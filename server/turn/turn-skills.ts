/** What skills add to a turn, and a turn without skills. */
import type { Named, Skill } from "../definitions/skill.ts";
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

/** `context`: of the model, in tokens. */
export async function openTurnSkills(skills: Named<Skill>, context: number | null): Promise<TurnSkills> {
  if (skills.list().length > 0) return (await import("./skills.ts")).createTurnSkills(skills, context);
  return {
    tools: [],
    readRules: [],
    load: async (names) => ({ texts: [], missing: [...names] }),
    keep: async () => [],
  };
}
