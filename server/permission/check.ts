/** What `tutti permission check` prints: the decision on one command line under the rules of a file, without running anything. */
import { TuttiError } from "../../protocol/errors.ts";
import { loadGrammar } from "./grammar.ts";
import type { Decision } from "./line.ts";
import type { Places } from "./places.ts";
import { decide, type Mode } from "./policy.ts";
import { ruleProblem } from "./rules.ts";

export interface Checked {
  decision: Decision;
  reason: string;
  parts: { command: string; decision: Decision; rule: string | null }[];
}

const modes: readonly string[] = ["plan", "ask", "edit", "auto"];

/** `rules` is the content of the file: `{"permissions": {mode, allow, ask, deny}}`, each part optional. `root` of `places` is the folder. */
export async function checkCommand(rules: unknown, command: string, places: Places): Promise<Checked> {
  const { mode, allow, ask, deny } = readRules(rules);
  const call = {
    tool: "bash",
    kind: "execute" as const,
    wants: [{ kind: "execute" as const, command, cwd: places.root }],
  };
  const judged = decide(call, { ...places, mode, rules: { allow, ask, deny } }, await loadGrammar());
  const parts = judged.parts.map(({ command: text, decision, rule }) => ({ command: text, decision, rule }));
  return { decision: judged.decision, reason: judged.reason, parts };
}

function readRules(rules: unknown) {
  const permissions = field(rules, "permissions") ?? {};
  const mode = field(permissions, "mode") ?? "ask";
  if (typeof mode !== "string" || !modes.includes(mode))
    throw new TuttiError("config", `permissions.mode is ${JSON.stringify(mode)}; write one of ${modes.join(", ")}.`);
  return {
    mode: mode as Mode,
    allow: list(permissions, "allow"),
    ask: list(permissions, "ask"),
    deny: list(permissions, "deny"),
  };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TuttiError(
      "config",
      `The rules file must be an object like {"permissions": {"allow": ["bash(npm test)"]}}.`,
    );
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function list(permissions: unknown, name: string): string[] {
  const found = field(permissions, name) ?? [];
  if (!Array.isArray(found)) throw new TuttiError("config", `permissions.${name} must be a list of rules.`);
  return found.map((rule) => {
    const problem =
      typeof rule === "string" ? ruleProblem(rule) : `${JSON.stringify(rule)} is not a rule; rules are texts.`;
    if (typeof rule !== "string" || problem !== null) throw new TuttiError("config", `permissions.${name}: ${problem}`);
    return rule;
  });
}
