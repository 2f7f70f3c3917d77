/** Reads the keys of skills and commands, as frontmatter or as configuration. Pure. */
import { splitRules } from "../../protocol/split-rules.ts";
import { fromClaudeRule } from "../permission/foreign-tools.ts";
import type { Frontmatter } from "./frontmatter.ts";

interface Parsed<T> {
  fields: T;
  problems: { key: string; text: string }[];
}

export interface SkillFields {
  name?: string;
  description: string;
  fork: boolean;
  agent?: string;
  hidden: boolean;
  argumentHint: string;
  extra: Record<string, unknown>;
}

export interface CommandFields {
  description: string;
  argumentHint: string;
  model?: string;
  agent?: string;
  subtask: boolean;
  allow: string[];
  extra: Record<string, unknown>;
}

type Source = Pick<Frontmatter, "data" | "written">;

export function parseSkill({ data, written }: Source): Parsed<SkillFields> {
  const {
    name,
    description,
    context,
    agent,
    "argument-hint": _hint,
    "disable-model-invocation": manual,
    ...extra
  } = data;
  const problems: Parsed<SkillFields>["problems"] = [];
  if (toText(description) === undefined)
    problems.push({ key: "description", text: "The skill has no description, so no model knows when to use it." });
  if (context !== undefined && context !== "fork")
    problems.push({ key: "context", text: `context is ${JSON.stringify(context)}, not fork; it is ignored.` });
  return {
    fields: {
      ...optional("name", name),
      // One line: a start lists all of them.
      description: (toText(description) ?? "").replaceAll(/\s+/g, " "),
      fork: context === "fork",
      ...optional("agent", agent),
      hidden: isTrue(manual),
      argumentHint: written["argument-hint"] ?? "",
      extra,
    },
    problems,
  };
}

export function parseCommand({ data, written }: Source): Parsed<CommandFields> {
  const {
    description,
    model,
    agent,
    subtask,
    context,
    template: _template,
    "allowed-tools": tools,
    "argument-hint": _hint,
    ...extra
  } = data;
  const problems: Parsed<CommandFields>["problems"] = [];
  const list = typeof tools === "string" ? splitRules(tools) : Array.isArray(tools) ? tools.map(String) : [];
  const allow = list.flatMap((rule) => {
    const converted = fromClaudeRule(rule);
    if (converted === null)
      problems.push({
        key: "allowed-tools",
        text: `allowed-tools has ${JSON.stringify(rule)}, which Tutti does not have; it is ignored.`,
      });
    return converted ?? [];
  });
  return {
    fields: {
      description: toText(description) ?? "",
      argumentHint: written["argument-hint"] ?? "",
      ...optional("model", model),
      ...optional("agent", agent),
      subtask: isTrue(subtask) || context === "fork",
      allow,
      extra,
    },
    problems,
  };
}

function toText(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "string" || typeof value === "number" ? String(value).trim() || undefined : undefined;
}

const isTrue = (value: unknown): boolean => value === true || value === "true";

function optional<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  const text = toText(value);
  return (text === undefined ? {} : { [key]: text }) as { [P in K]?: string };
}
