/** Agents as files and configuration define them. Types only. */
import type { Effort, Mode, Tier } from "../../protocol/settings.ts";

/** Where a definition comes from; a project's counts only once the user trusts it. */
export interface DefinitionSource {
  kind: "builtin" | "user" | "project" | "plugin";
  /** The file; absent for plugins. */
  path?: string;
  plugin?: string;
}

/** A model of a tier: `provider/model`. */
export interface TierModel {
  model: string;
  effort?: Effort;
  /** Model requests, and USD, in one turn. */
  maxSteps?: number;
  maxCostUsd?: number;
}

export interface Agent {
  name: string;
  /** When to use it; one paragraph. */
  description: string;
  /** Added to the system prompt; may be empty. */
  prompt: string;
  /** In place of everything else in the system prompt. */
  systemPrompt?: string;
  /** Its turns have no plugins and no hooks. */
  withoutPlugins?: true;
  /** `primary`: a person starts it. `subagent`: an agent does, with the `task` tool. */
  mode: "primary" | "subagent" | "all";
  /** Not listed for people and models; it can be used by name. */
  hidden: boolean;
  /** `provider/model`; the default where no tier is given. */
  model?: string;
  /** The tier where none is given and none is assessed. */
  tier?: Tier;
  tiers: Partial<Record<Tier, TierModel>>;
  effort?: Effort;
  /** Names and patterns of tools, such as `read` or `github__*`. `allow` null: all tools. `deny` overrides `allow`. */
  tools: { allow: readonly string[] | null; deny: readonly string[] };
  permissions: { mode?: Mode; allow: readonly string[]; ask: readonly string[]; deny: readonly string[] };
  /** Names or patterns of agents that it may start; one after `!` is excluded, as OpenCode's `"X": "deny"` needs. Null: all. */
  agents: readonly string[] | null;
  /** Model requests in one turn. */
  steps?: number;
  isolation?: "worktree";
  color?: string;
  /** Skills whose text is loaded from the start. */
  skills: readonly string[];
  /** Keys of the file that Tutti does not use, unchanged. */
  extra: Readonly<Record<string, unknown>>;
  source: DefinitionSource;
  /** Configuration files that change what its own file says. */
  configuredBy?: readonly string[];
}

/** What is wrong with a definition, or with a part of it; the rest counts. */
export interface DefinitionProblem {
  path: string;
  line?: number;
  text: string;
}

export interface Agents {
  /** By name, without regard to case; aliases of other programs (`general-purpose`, `Explore`) are understood. */
  find(name: string): Agent | undefined;
  /** Every agent, sorted by name; of agents with the same name only the one that counts. */
  list(): readonly Agent[];
  problems: readonly DefinitionProblem[];
}
