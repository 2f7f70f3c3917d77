/** Implements `tutti permission check`: decides on one command line under the rules of a file, without running anything. */
import { TuttiError } from "../../protocol/errors.ts";
import { type Mode, modes } from "../../protocol/settings.ts";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import type { Decision } from "./command-findings.ts";
import { loadGrammar } from "./load-parsers.ts";
import { decide } from "./policy.ts";
import { validateRule } from "./rules.ts";

export interface CommandDecision {
  decision: Decision;
  reason: string;
  parts: { command: string; decision: Decision; rule: string | null }[];
}

/** `rules` is the content of the file: `{"permissions": {mode, allow, ask, deny}}`, all optional. `paths.root` is the working directory. */
export async function checkCommand(rules: unknown, command: string, paths: PolicyPaths): Promise<CommandDecision> {
  const { mode, allow, ask, deny } = readRules(rules);
  const call = {
    tool: "bash",
    kind: "execute" as const,
    accesses: [{ kind: "execute" as const, command, cwd: paths.root }],
  };
  const grammar = await loadGrammar();
  const result = await paths.decide(() => decide(call, { ...paths, mode, rules: { allow, ask, deny } }, grammar));
  const parts = result.parts.map(({ command: text, decision, rule }) => ({ command: text, decision, rule }));
  return { reason: result.reason, parts, decision: result.decision };
}

function readRules(rules: unknown) {
  const permissions = readField(rules, "permissions") ?? {};
  const mode = readField(permissions, "mode") ?? "ask";
  if (!isMode(mode))
    throw new TuttiError("config", `permissions.mode is ${JSON.stringify(mode)}; write one of ${modes.join(", ")}.`);
  return {
    mode,
    allow: readRuleList(permissions, "allow"),
    ask: readRuleList(permissions, "ask"),
    deny: readRuleList(permissions, "deny"),
  };
}

function readField(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TuttiError(
      "config",
      `The rules file must be an object like {"permissions": {"allow": ["bash(npm test)"]}}.`,
    );
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function readRuleList(permissions: unknown, name: string): string[] {
  const rules = readField(permissions, name) ?? [];
  if (!Array.isArray(rules)) throw new TuttiError("config", `permissions.${name} must be a list of rules.`);
  return rules.map((rule) => {
    const problem =
      typeof rule === "string" ? validateRule(rule) : `${JSON.stringify(rule)} is not a rule; rules are strings.`;
    if (typeof rule !== "string" || problem !== null) throw new TuttiError("config", `permissions.${name}: ${problem}`);
    return rule;
  });
}

const isMode = (value: unknown): value is Mode => (modes as readonly unknown[]).includes(value);
