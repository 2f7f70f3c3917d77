/**
 * Reads the keys of an agent, as frontmatter or as configuration, in the form of Claude Code, OpenCode and Tutti. A key that cannot be
 * used is reported, and the others count. Pure.
 */
import { type Effort, efforts, type Mode, modes, type Tier, tiers } from "../../protocol/settings.ts";
import { splitRules } from "../../protocol/split-rules.ts";
import { fromClaudeRule, fromForeignTool } from "../permission/foreign-tools.ts";
import { convertOpencodePermission } from "../permission/opencode-permission.ts";
import type { TierModel } from "./agent.ts";
import { type AgentFields, combine } from "./agent-fields.ts";

export interface ParsedAgent {
  fields: AgentFields;
  problems: { key: string; text: string }[];
}

type Report = (text: string) => void;

/** What the value of a key adds. */
type Reader = (value: unknown, report: Report) => AgentFields;

const agentModes = ["primary", "subagent", "all"] as const;

/** Claude Code's names of models, and the tiers that they stand for. */
const CLAUDE_TIERS: Readonly<Record<string, Tier>> = { opus: "advanced", sonnet: "standard", haiku: "quick" };
const EFFORT_NAMES: Readonly<Record<string, Effort>> = { minimal: "low", xhigh: "high", max: "high" };

const text = (key: "name" | "description" | "prompt" | "color"): Reader => {
  return (value, report) => {
    if (typeof value === "string") return { [key]: value.trim() };
    if (typeof value === "number" || typeof value === "boolean") return { [key]: String(value) };
    if (Array.isArray(value)) return { [key]: value.map(String).join(", ") };
    report("must be a text; it is ignored.");
    return {};
  };
};

const flag = (key: "hidden" | "disable"): Reader => {
  return (value, report) => {
    if (typeof value === "boolean") return { [key]: value };
    if (value === "true" || value === "false") return { [key]: value === "true" };
    report("must be true or false; it is ignored.");
    return {};
  };
};

const readSteps: Reader = (value, report) => {
  const steps = Number(value);
  if (Number.isInteger(steps) && steps > 0) return { steps };
  report("must be a whole number above 0; it is ignored.");
  return {};
};

const readEffort: Reader = (value, report) => {
  const effort = toEffort(value);
  if (effort) return { effort };
  report(`is ${JSON.stringify(value)}, not ${efforts.join(", ")}; it is ignored.`);
  return {};
};

function toEffort(value: unknown): Effort | undefined {
  const name = String(value).toLowerCase();
  return efforts.find((effort) => effort === name) ?? EFFORT_NAMES[name];
}

const isTier = (value: unknown): value is Tier => tiers.some((tier) => tier === value);

const readTier: Reader = (value, report) => {
  if (isTier(value)) return { tier: value };
  report(`is ${JSON.stringify(value)}, not ${tiers.join(", ")}; it is ignored.`);
  return {};
};

const readModel: Reader = (value, report) => {
  if (typeof value !== "string" || value.trim() === "") {
    if (value !== null) report("must be a model, such as provider/model; it is ignored.");
    return {};
  }
  const name = value.trim();
  const alias = name.toLowerCase().replace(/\[.*\]$/, "");
  const tier = CLAUDE_TIERS[alias];
  if (tier) return { tier };
  if (alias === "inherit" || alias === "default") return {};
  return { model: /^claude-[\w.-]+$/.test(name) ? `anthropic/${name}` : name };
};

const readTiers: Reader = (value, report) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    report("must name models for quick, standard and advanced; it is ignored.");
    return {};
  }
  const found: Partial<Record<Tier, TierModel>> = {};
  for (const [tier, model] of Object.entries(value)) {
    const parsed = toTierModel(model);
    if (!isTier(tier)) report(`has no tier ${JSON.stringify(tier)}; there are ${tiers.join(", ")}.`);
    else if (parsed) found[tier] = parsed;
    else report(`names no model for ${tier}.`);
  }
  return { tiers: found };
};

function toTierModel(value: unknown): TierModel | null {
  if (typeof value === "string") return value.trim() === "" ? null : { model: value.trim() };
  const { model, variant, effort = variant, maxSteps, maxCostUsd } = (value ?? {}) as Record<string, unknown>;
  if (typeof model !== "string" || model.trim() === "") return null;
  const level = effort === undefined ? undefined : toEffort(effort);
  return {
    model: model.trim(),
    ...(level && { effort: level }),
    ...(Number.isInteger(maxSteps) && Number(maxSteps) > 0 && { maxSteps: Number(maxSteps) }),
    ...(typeof maxCostUsd === "number" && maxCostUsd > 0 && { maxCostUsd }),
  };
}

/** `mode` is who starts it, as in OpenCode, or what it may do without approval. */
const readMode: Reader = (value, report) => {
  const start = agentModes.find((mode) => mode === value);
  if (start) return { mode: start };
  return readPermissionMode(value, report);
};

const PERMISSION_MODES: Readonly<Record<string, Mode>> = {
  default: "ask",
  acceptEdits: "edit",
  bypassPermissions: "auto",
};

const readPermissionMode: Reader = (value, report) => {
  const mode = modes.find((one) => one === value) ?? PERMISSION_MODES[String(value)];
  if (mode) return { permissions: { mode } };
  report(`is ${JSON.stringify(value)}, which Tutti does not know; it is ignored.`);
  return {};
};

const toList = (value: unknown): string[] | null =>
  typeof value === "string"
    ? splitRules(value)
    : Array.isArray(value)
      ? value.filter((item) => typeof item === "string").map((item) => item.trim())
      : null;

/** `Bash(git:*)` in a list of tools: the tool can be used, and what the pattern names needs no approval. */
const readTools: Reader = (value, report) => {
  if (value === null || value === "*" || value === "") return {};
  const list = toList(value);
  if (list === null) return readToolTable(value, report);
  const names = list.map((item) => item.replace(/\(.*$/s, ""));
  const rules = list.filter((item) => item.includes("(")).map(fromClaudeRule);
  return {
    tools: { allow: names.includes("*") ? null : [...new Set(names.flatMap(fromForeignTool))] },
    permissions: { allow: rules.filter((rule) => rule !== null) },
  };
};

/** OpenCode's `{"*": false, "read": true}`. */
const readToolTable: Reader = (value, report) => {
  if (typeof value !== "object") {
    report("must be a list of tools; it is ignored.");
    return {};
  }
  const entries = Object.entries(value ?? {});
  const pick = (wanted: boolean): string[] => [
    ...new Set(entries.filter(([name, used]) => used === wanted && name !== "*").flatMap(([name]) => expandTool(name))),
  ];
  const onlyListed = entries.some(([name, used]) => name === "*" && used === false);
  return { tools: { allow: onlyListed ? pick(true) : null, deny: pick(false) } };
};

/** `patch` writes files too. */
const expandTool = (name: string): readonly string[] => (name === "write" ? ["write", "patch"] : fromForeignTool(name));

const readDeniedTools: Reader = (value, report) => {
  const list = toList(value);
  if (list) return { tools: { deny: list.flatMap(fromForeignTool) } };
  report("must be a list of tools; it is ignored.");
  return {};
};

/** Claude Code's `permissions`, or Tutti's. */
const readPermissions: Reader = (value, report) => {
  if (typeof value !== "object" || value === null) {
    report("must be an object with allow, ask and deny; it is ignored.");
    return {};
  }
  const { allow, ask, deny, mode, defaultMode = mode } = value as Record<string, unknown>;
  const readRules = (rules: unknown): string[] =>
    (toList(rules) ?? []).flatMap((rule) => {
      const converted = fromClaudeRule(rule);
      if (converted !== null) return [converted];
      report(`has the rule ${JSON.stringify(rule)}, which Tutti does not have; it is ignored.`);
      return [];
    });
  const named = defaultMode === undefined ? {} : readPermissionMode(defaultMode, report).permissions;
  return { permissions: { ...named, allow: readRules(allow), ask: readRules(ask), deny: readRules(deny) } };
};

const readOpencodePermission: Reader = (value, report) => {
  const { mode, allow, ask, deny, tools, agents, problems } = convertOpencodePermission(value);
  for (const problem of problems) report(problem);
  return {
    permissions: { ...(mode && { mode }), allow, ask, deny },
    ...(tools && { tools: { allow: tools } }),
    ...(agents && { agents }),
  };
};

const list = (key: "skills" | "agents"): Reader => {
  return (value, report) => {
    const names = toList(value);
    if (names) return { [key]: names };
    report("must be a list of names; it is ignored.");
    return {};
  };
};

const readIsolation: Reader = (value, report) => {
  if (value === "worktree") return { isolation: "worktree" };
  if (value !== "none" && value !== null) report(`is ${JSON.stringify(value)}, not worktree; it is ignored.`);
  return {};
};

const readers: Readonly<Record<string, Reader>> = {
  name: text("name"),
  description: text("description"),
  prompt: text("prompt"),
  mode: readMode,
  permissionMode: readPermissionMode,
  hidden: flag("hidden"),
  disable: flag("disable"),
  disabled: flag("disable"),
  model: readModel,
  tier: readTier,
  model_tier: readTier,
  tiers: readTiers,
  model_tiers: readTiers,
  effort: readEffort,
  reasoningEffort: readEffort,
  variant: readEffort,
  tools: readTools,
  disallowedTools: readDeniedTools,
  permissions: readPermissions,
  permission: readOpencodePermission,
  agents: list("agents"),
  skills: list("skills"),
  steps: readSteps,
  maxSteps: readSteps,
  maxTurns: readSteps,
  max_turns: readSteps,
  isolation: readIsolation,
  color: text("color"),
};

export function parseAgent(data: Readonly<Record<string, unknown>>): ParsedAgent {
  const problems: ParsedAgent["problems"] = [];
  let fields: AgentFields = {};
  const extra: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (!read) extra[key] = value;
    else if (value !== undefined)
      fields = combine(
        fields,
        read(value, (problem) =>
          problems.push({ key, text: /^(permission|The)/.test(problem) ? problem : `${key} ${problem}` }),
        ),
      );
  }
  return { fields: { ...fields, ...(Object.keys(extra).length > 0 && { extra }) }, problems };
}
