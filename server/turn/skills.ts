/** The skills of one turn, if there are any. Loaded only then. */
import { describeError } from "../../protocol/errors.ts";
import type { Named, Skill } from "../definitions/skill.ts";
import type { Tool } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { createSkillTool, formatSkill } from "../tools/skill.ts";
import { parseSlash } from "./slash.ts";
import { missingSkill, type TurnSkills } from "./turn-skills.ts";

/** The share of the context for the list of skills; a context of this size if it is unknown; the characters of a token. */
const SHARE = 0.02;
const DEFAULT_CONTEXT = 128_000;
const CHARS_PER_TOKEN = 3.5;
/** Characters that a compaction keeps of the skills in use, newest first; never more than the budget has tokens. */
const MAX_KEPT = 40_000;

/** `context`: of the model, in tokens. */
export function createTurnSkills(skills: Named<Skill>, context: number | null): TurnSkills {
  const all = skills.list();
  const maxLength = Math.floor((context ?? DEFAULT_CONTEXT) * SHARE * CHARS_PER_TOKEN);
  return {
    tools: all.some(({ hidden }) => !hidden) ? [createSkillTool(skills, maxLength) as Tool] : [],
    readRules: [...new Set(all.flatMap(getReadFolders))].map((folder) => `read(${escapeGlob(folder)}/**)`),
    async load(names) {
      const loaded = await Promise.all(
        names.map(async (name) => {
          const skill = skills.find(name);
          if (!skill) return { problem: missingSkill(name) };
          return formatSkill(skill, "").then(
            (text) => ({ text }),
            (error: unknown) => ({ problem: `the skill ${name}, which cannot be read: ${describeError(error)}` }),
          );
        }),
      );
      return {
        texts: loaded.flatMap((one) => ("text" in one ? one.text : [])),
        problems: loaded.flatMap((one) => ("problem" in one ? one.problem : [])),
      };
    },
    async keep(session, budget) {
      const kept: string[] = [];
      let left = Math.min(MAX_KEPT, budget ?? MAX_KEPT);
      for (const name of listUsed(session).toReversed()) {
        const skill = skills.find(name);
        const text = skill && (await formatSkill(skill, "").catch(() => null));
        if (!text || text.length > left) continue;
        left -= text.length;
        kept.unshift(`[This skill is in use:]\n${text}`);
      }
      return kept;
    },
  };
}

/** Of the user's own skills all of their folder, so that a few rules are enough. */
const getReadFolders = ({ folder, source }: Skill): string[] =>
  folder === undefined ? [] : [(source.kind === "user" && /^.*[/\\]skills?(?=[/\\])/.exec(folder)?.[0]) || folder];

/** Names of the skills that were loaded, by the model or by a prompt, in the order of their last use. */
function listUsed(session: TurnSession): string[] {
  const names = session.view().parts.flatMap((part) => {
    if (part.type === "prompt") return parseSlash(part.text)?.name ?? [];
    if (part.type !== "call" || part.name !== "skill" || part.state !== "done") return [];
    const { name, skill = name } = (part.input ?? {}) as { name?: unknown; skill?: unknown };
    return typeof skill === "string" ? [skill.toLowerCase()] : [];
  });
  return names.filter((name, index) => names.lastIndexOf(name) === index);
}

const escapeGlob = (path: string): string => path.replace(/[()[\]{}*?!+@\\]/g, "\\$&");
