/** Decides on the tool calls of a session, with its own rules, the rules of the configuration and the saved rules. */
import { join } from "node:path";
import type { Settings } from "../../protocol/events.ts";
import type { Mode } from "../../protocol/settings.ts";
import type { Access, Tool } from "../ports.ts";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { loadGrammar } from "./load-parsers.ts";
import type { PolicyDecision } from "./policy.ts";
import type { Rules } from "./rules.ts";

/** A call to decide on: its tool, what it accesses, and its session. */
export interface PermissionRequest {
  tool: Tool;
  input: unknown;
  accesses: readonly Access[];
  session: string;
  cwd: string;
  settings: Settings;
  approved: readonly string[];
}

export interface JudgeDeps {
  configFor(cwd: string): Promise<{ permissions: Rules & { mode: Mode } }>;
  /** The saved "always allow" rules for a session in this folder. */
  savedRules(session: string, cwd: string): readonly string[];
  policyPaths(cwd: string): PolicyPaths;
  /** The folder of the sessions' blobs: each session may read its own full outputs. */
  blobsDir: string;
}

type Policy = typeof import("./policy.ts");
let loading: Promise<Policy> | null = null;

/** Loaded with the first call: most of a start's code would be its tables. */
function loadPolicy(): Promise<Policy> {
  loading ??= import("./policy.ts");
  return loading;
}

export async function onlyReads(command: string): Promise<boolean> {
  const [{ isReadOnlyCommand }, grammar] = await Promise.all([loadPolicy(), loadGrammar()]);
  return isReadOnlyCommand(command, grammar);
}

export type Judge = (request: PermissionRequest) => Promise<PolicyDecision>;

export function createJudge({ configFor, savedRules, policyPaths, blobsDir }: JudgeDeps): Judge {
  return async ({ tool, accesses, session, cwd, settings, approved }) => {
    const { permissions } = await configFor(cwd);
    const { mode, ...rules } = joinRules(permissions, settings, [...approved, ...savedRules(session, cwd)]);
    const ownOutputs = `read(${join(blobsDir, session, "*")})`;
    const context = { ...policyPaths(cwd), mode, rules: { ...rules, allow: [...rules.allow, ownOutputs] } };
    const [{ decide }, grammar] = await Promise.all([loadPolicy(), loadGrammar()]);
    return context.decide(() => decide({ tool: tool.name, kind: tool.kind, accesses }, context, grammar));
  };
}

/** The rules in force: of the configuration, of a prompt or session, and those that the user chose with "always allow". */
export const joinRules = (
  permissions: Rules & { mode: Mode },
  settings: Pick<Settings, "mode" | "allow" | "ask" | "deny">,
  approved: readonly string[],
): Rules & { mode: Mode } => ({
  mode: settings.mode ?? permissions.mode,
  allow: [...permissions.allow, ...(settings.allow ?? []), ...approved],
  ask: [...permissions.ask, ...(settings.ask ?? [])],
  deny: [...permissions.deny, ...(settings.deny ?? [])],
});
