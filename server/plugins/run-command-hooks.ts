/**
 * Hooks that are commands, as in Claude Code's settings: the payload is one JSON object on standard input. Exit code 0 returns text
 * or JSON on standard output, 2 refuses with the reason on standard error, any other is a failure. They are called like plugins.
 */
import { basename } from "node:path";
import type { HookEvent } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import { resolveHookVariables } from "../config/hook-variables.ts";
import { isSecretName } from "../config/secret-names.ts";
import type { CommandHook } from "../config/trust-items.ts";
import { buildCommandEnvironment } from "../node/environment.ts";
import type { StdioProcesses } from "../ports.ts";
import { findHookedEvent, type HookedSession, isClaudeEvent, matchesHook, toStdin } from "./claude-hook-input.ts";
import type { HookSession } from "./hook-session.ts";
import type { HookSource } from "./hooks.ts";

export interface CommandHookDeps {
  stdioProcesses: StdioProcesses;
  env: Readonly<Record<string, string | undefined>>;
}

const MAX_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_LENGTH = 1024 * 1024;

type Json = Record<string, unknown>;

/** Null for an unknown event, and for one that such a session does not have. */
export function createCommandSource(hook: CommandHook, deps: CommandHookDeps, session: HookSession): HookSource | null {
  const hooked = findHookedEvent(hook.event);
  if (hooked === null) return null;
  if (hooked.sessions !== "all" && session.isSubagent !== (hooked.sessions === "subagent")) return null;
  const { event } = hooked;
  const name = `hook ${printable(basename(hook.command.split(/\s/, 1)[0] ?? ""))}`;
  return {
    by: { kind: "plugin", id: `${hook.source}#${hook.command}`, name },
    specs: [{ event, timeoutMs: Math.min(hook.timeoutMs, MAX_TIMEOUT_MS) }],
    async call(_, payload, __, signal) {
      if (!matchesHook(hook.matcher, hooked, payload, toStdin(hooked, payload, session.describe()))) return null;
      const state = await session.writeTranscripts(event);
      const env = createHookEnvironment(hook, String(payload.cwd), state, deps.env);
      const result = await runCommand(hook, toStdin(hooked, payload, state), String(payload.cwd), env, deps, signal);
      return toAnswer(event, result);
    },
  };
}

/** Sets the variables of the files that define these hooks for commands, too, as in Claude Code; never those with names of secrets. */
export function createEnvironmentSource(hooks: readonly CommandHook[], env: CommandHookDeps["env"]): HookSource | null {
  const variables = Object.fromEntries(
    hooks.flatMap((hook) => Object.entries(hook.env)).filter(([name]) => name !== "PATH" && !isSecretName(name)),
  );
  const [source] = hooks.flatMap((hook) => (Object.keys(hook.env).length > 0 ? [hook.source] : []));
  if (source === undefined || Object.keys(variables).length === 0) return null;
  return {
    by: { kind: "plugin", id: source, name: basename(source) },
    specs: [{ event: "shell.env" }],
    // A value that names a key of the environment does not get it.
    call: async () => ({ env: resolveHookVariables(variables, buildCommandEnvironment(env)) }),
  };
}

/** `CLAUDE_AGENT_TYPE` tells scripts that they run in a subagent. */
function createHookEnvironment(
  hook: CommandHook,
  cwd: string,
  { agent }: HookedSession,
  env: CommandHookDeps["env"],
): Record<string, string> {
  const own = { ...buildCommandEnvironment(env), CLAUDE_PROJECT_DIR: cwd };
  const subagent = agent && { CLAUDE_AGENT_TYPE: agent.name };
  return { ...own, ...resolveHookVariables(hook.env, { ...env, ...own }), ...subagent };
}

interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function runCommand(
  { command }: CommandHook,
  stdin: Json,
  cwd: string,
  env: Record<string, string>,
  { stdioProcesses }: CommandHookDeps,
  signal: AbortSignal,
): Promise<CommandResult> {
  const decoder = new TextDecoder();
  let stdout = "";
  const child = await stdioProcesses.start({
    argv: process.platform === "win32" ? ["bash", "-c", command] : ["/bin/sh", "-c", command],
    cwd,
    env,
    onData: (bytes) => {
      if (stdout.length < MAX_OUTPUT_LENGTH) stdout += decoder.decode(bytes, { stream: true });
    },
  });
  const stop = (): void => void child.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  child.write(JSON.stringify(stdin));
  child.closeStdin();
  const code = await child.exited;
  signal.removeEventListener("abort", stop);
  return { code, stdout, stderr: child.stderrTail().trim() };
}

function toAnswer(event: HookEvent, { code, stdout, stderr }: CommandResult): Json {
  if (code === 2) return createRefusal(event, stderr || "no reason given");
  if (code !== 0)
    throw new Error(
      `it ended with ${code === null ? "a signal" : `code ${code}`}${stderr === "" ? "" : `: ${stderr.slice(0, 300)}`}`,
    );
  const text = stdout.trim();
  const json = text.startsWith("{") ? tryParseJson(text) : null;
  if (json) return convertJson(event, json);
  if (text !== "" && (event === "session.started" || event === "prompt.before")) return { context: text };
  return {};
}

function tryParseJson(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** The answer that refuses each event. */
function createRefusal(event: HookEvent, reason: string): Json {
  switch (event) {
    case "prompt.before":
    case "model.before":
      return { block: reason };
    case "tool.before":
      return { decision: "deny", reason };
    case "permission.asked":
      return { answer: "no", reason };
    case "tool.after":
    case "file.changed":
      return { feedback: reason };
    case "turn.ended":
      return { continue: reason };
    default:
      return {};
  }
}

const toText = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function convertJson(event: HookEvent, json: Json): Json {
  if (json.continue === false && event !== "turn.ended")
    return createRefusal(event, toText(json.stopReason) ?? "stopped by the hook");
  const specific = (
    typeof json.hookSpecificOutput === "object" && json.hookSpecificOutput !== null ? json.hookSpecificOutput : {}
  ) as Json;
  const reason = toText(specific.permissionDecisionReason) ?? toText(json.reason) ?? toText(json.message);
  if (json.decision === "block") return createRefusal(event, reason ?? "no reason given");
  const added = toText(specific.additionalContext);
  switch (event) {
    case "tool.before": {
      const permission =
        toText(specific.permissionDecision) ?? (json.decision === "approve" ? "allow" : toText(json.decision));
      const decision = permission === "allow" || permission === "ask" || permission === "deny" ? permission : undefined;
      const input =
        typeof specific.updatedInput === "object" && specific.updatedInput !== null ? specific.updatedInput : undefined;
      return { ...(decision && { decision }), ...(reason !== undefined && { reason }), ...(input && { input }) };
    }
    case "permission.asked": {
      const behavior = (specific.decision as Json | undefined)?.behavior;
      return behavior === "allow"
        ? { answer: "yes" }
        : behavior === "deny"
          ? { answer: "no", ...(reason !== undefined && { reason }) }
          : {};
    }
    case "tool.after":
      return added === undefined ? {} : { feedback: added };
    case "session.started":
    case "prompt.before":
      return added === undefined ? {} : { context: added };
    default:
      return isOwnEvent(event, json) ? json : {};
  }
}

/** Events that Claude Code does not have are answered in Tutti's format. */
const isOwnEvent = (event: HookEvent, json: Json): boolean => !isClaudeEvent(event) && json.decision === undefined;
