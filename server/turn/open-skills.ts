/** The skills of a turn; their code is loaded only if there are any. */
import type { Named, Skill } from "../definitions/skill.ts";
import { missingSkill, type TurnSkills } from "./turn-skills.ts";

/** `context`: of the model, in tokens. */
export async function openTurnSkills(skills: Named<Skill>, context: number | null): Promise<TurnSkills> {
  if (skills.list().length > 0) return (await import("./skills.ts")).createTurnSkills(skills, context);
  return {
    tools: [],
    readRules: [],
    load: async (names) => ({ texts: [], problems: names.map(missingSkill) }),
    keep: async () => [],
  };
}
