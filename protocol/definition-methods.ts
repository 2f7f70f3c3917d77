/** Methods about agents, skills and commands: what a folder has, and where each was defined. */
import { z } from "zod";
import { request } from "./method.ts";
import { efforts, modes, tiers } from "./settings.ts";

const cwd = z.string();
const name = z.string();

const source = z.object({
  kind: z.enum(["builtin", "user", "project", "plugin"]),
  /** The file; absent where it is included or from a plugin. */
  path: z.string().optional(),
  plugin: z.string().optional(),
});

/** What is wrong with a definition, or with a part of it; the rest counts. */
const problem = z.object({
  /** The file, or `plugin NAME`. */
  path: z.string(),
  line: z.number().optional(),
  text: z.string(),
});
const problems = z.array(problem);

const tierModel = z.object({ model: z.string(), effort: z.enum(efforts).optional() });

const agentRow = z.object({
  name,
  description: z.string(),
  /** Who starts it: a person (`primary`), an agent (`subagent`), or both (`all`). */
  mode: z.enum(["primary", "subagent", "all"]),
  hidden: z.boolean(),
  /** Its sessions have this mode at most. */
  permissionMode: z.enum(modes).optional(),
  /** `provider/model`. */
  model: z.string().optional(),
  tier: z.enum(tiers).optional(),
  tiers: z.partialRecord(z.enum(tiers), tierModel),
  color: z.string().optional(),
  source,
  /** Configuration files that change what its own file says. */
  configuredBy: z.array(z.string()).optional(),
});

const rules = z.array(z.string());

const agent = agentRow.extend({
  prompt: z.string(),
  effort: z.enum(efforts).optional(),
  /** `allow` null: all tools. */
  tools: z.object({ allow: z.array(z.string()).nullable(), deny: z.array(z.string()) }),
  permissions: z.object({ mode: z.enum(modes).optional(), allow: rules, ask: rules, deny: rules }),
  /** Names or patterns of agents that it may start, excluded after `!`; null: all. */
  agents: z.array(z.string()).nullable(),
  steps: z.number().optional(),
  isolation: z.literal("worktree").optional(),
  skills: z.array(z.string()),
  /** Keys that Tutti does not use, as they are in the file. */
  extra: z.record(z.string(), z.unknown()),
});

const skillRow = z.object({
  name,
  /** Whole; models get a shorter one where there are many. */
  description: z.string(),
  /** Where relative paths in its text start; absent for a skill of a plugin. */
  folder: z.string().optional(),
  /** It runs in a subagent. */
  fork: z.boolean(),
  /** Models do not see it. */
  hidden: z.boolean(),
  argumentHint: z.string(),
  source,
});

const commandRow = z.object({
  name,
  description: z.string(),
  argumentHint: z.string(),
  model: z.string().optional(),
  agent: z.string().optional(),
  /** It runs in a subagent. */
  subtask: z.boolean(),
  source,
});

export const definitionRequests = {
  agentList: request(
    "agent/list",
    "viewer",
    "The agents of a folder, sorted by name; of agents with the same name only the one that counts. Also what is wrong with their files.",
    z.object({ cwd }),
    z.object({ agents: z.array(agentRow), problems }),
  ),
  agentRead: request(
    "agent/read",
    "viewer",
    "One agent with its prompt, tools and permissions. Names of other programs, such as `general-purpose`, are understood.",
    z.object({ cwd, name }),
    agent,
    ["notFound"],
  ),
  skillList: request(
    "skill/list",
    "viewer",
    "The skills of a folder, sorted by name, with those of plugins, and what is wrong with them.",
    z.object({ cwd }),
    z.object({ skills: z.array(skillRow), problems }),
  ),
  skillRead: request(
    "skill/read",
    "viewer",
    "One skill with its text.",
    z.object({ cwd, name }),
    skillRow.extend({ text: z.string(), extra: z.record(z.string(), z.unknown()) }),
    ["notFound", "failed"],
  ),
  commandList: request(
    "command/list",
    "viewer",
    "The commands of a folder that files define, and the included ones, sorted by name; and what is wrong with their files. `commands/list` also has skills and the prompts of plugins.",
    z.object({ cwd }),
    z.object({ commands: z.array(commandRow), problems }),
  ),
  commandRead: request(
    "command/read",
    "viewer",
    "One of these commands with its text, in which `$ARGUMENTS`, `$1`, `` !`command` `` and `@file` are not filled in.",
    z.object({ cwd, name }),
    commandRow.extend({ template: z.string(), allow: rules, extra: z.record(z.string(), z.unknown()) }),
    ["notFound"],
  ),
} as const;
