/**
 * Hooks that are commands, as in Claude Code's settings: one JSON object on standard input, closed at once; exit code 0 with text or JSON
 * on standard output, 2 with a reason on standard error to refuse, any other to be left alone. They are called like plugins.
 */
import { basename } from "node:path";
import type { HookEvent } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import { cleanEnvironment } from "../node/environment.ts";
import type { Companions } from "../ports.ts";
import { claudeCall, claudeName } from "./claude-tools.ts";
import type { HookSource } from "./hooks.ts";

export interface CommandHook {
  /** The file that it stands in. */
  source: string;
  /** A name of Claude Code's, such as `PreToolUse`, or of ours. */
  event: string;
  /** A regular expression for the names of tools; null for all. */
  matcher: string | null;
  command: string;
  timeoutMs: number;
}

export interface CommandHookParts {
  companions: Companions;
  env: Readonly<Record<string, string | undefined>>;
}

/** Our event for each of theirs. */
const events: Readonly<Record<string, HookEvent>> = {
  SessionStart: "session.started",
  SessionEnd: "session.ended",
  UserPromptSubmit: "prompt.before",
  PreToolUse: "tool.before",
  PostToolUse: "tool.after",
  PermissionRequest: "permission.asked",
  PreCompact: "compaction.before",
  Stop: "turn.ended",
  Notification: "notification",
};

const theirs = Object.fromEntries(Object.entries(events).map(([name, ours]) => [ours, name]));

const TIMEOUT_MOST_MS = 60_000;
const OUTPUT_MOST = 1024 * 1024;

type Json = Record<string, unknown>;

export function commandSource(hook: CommandHook, parts: CommandHookParts): HookSource | null {
  const event = events[hook.event] ?? (hook.event in theirs ? (hook.event as HookEvent) : undefined);
  if (event === undefined) return null;
  const name = `hook ${printable(basename(hook.command.split(/\s/, 1)[0] ?? ""))}`;
  return {
    by: { kind: "plugin", id: `${hook.source}#${hook.command}`, name },
    specs: [{ event, timeoutMs: Math.min(hook.timeoutMs, TIMEOUT_MOST_MS) }],
    async call(_, payload, __, signal) {
      if (!matches(hook.matcher, payload.tool)) return null;
      const end = await run(hook, toStdin(event, payload), String(payload.cwd), parts, signal);
      return answerOf(event, end);
    },
  };
}

/** Against Claude Code's name of a tool or ours; a pattern that cannot be read is a name. */
function matches(matcher: string | null, tool: unknown): boolean {
  if (matcher === null || matcher === "*" || typeof tool !== "string") return true;
  const names = [tool, claudeName(tool)];
  try {
    const pattern = new RegExp(`^(?:${matcher})$`);
    return names.some((name) => pattern.test(name));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return names.includes(matcher);
  }
}

function toStdin(event: HookEvent, payload: Json): Json {
  const common = {
    session_id: payload.session,
    transcript_path: "",
    cwd: payload.cwd,
    hook_event_name: theirs[event] ?? event,
  };
  const call = (): Json => {
    const { tool, input } = claudeCall(String(payload.tool), payload.input);
    return { tool_name: tool, tool_input: input, tool_use_id: payload.call };
  };
  switch (event) {
    case "session.started":
      return { ...common, source: payload.reason === "new" ? "startup" : "resume" };
    case "session.ended":
      return { ...common, reason: payload.reason === "quit" ? "prompt_input_exit" : "other" };
    case "prompt.before":
      return { ...common, prompt: payload.text };
    case "tool.before":
    case "permission.asked":
      return { ...common, ...call() };
    case "tool.after":
      return { ...common, ...call(), tool_response: { success: payload.ok, output: payload.output } };
    case "turn.ended":
      return { ...common, stop_hook_active: Number(payload.continued) > 0, last_assistant_message: payload.text };
    case "compaction.before":
      return { ...common, trigger: "auto", custom_instructions: "" };
    case "notification":
      return { ...common, message: payload.text };
    default:
      return { ...common, ...payload };
  }
}

interface End {
  code: number | null;
  out: string;
  complaint: string;
}

async function run(
  { command }: CommandHook,
  stdin: Json,
  cwd: string,
  { companions, env }: CommandHookParts,
  signal: AbortSignal,
): Promise<End> {
  const decoder = new TextDecoder();
  let out = "";
  const child = await companions.start({
    argv: process.platform === "win32" ? ["bash", "-c", command] : ["/bin/sh", "-c", command],
    cwd,
    env: { ...cleanEnvironment(env), CLAUDE_PROJECT_DIR: cwd },
    onData: (bytes) => {
      if (out.length < OUTPUT_MOST) out += decoder.decode(bytes, { stream: true });
    },
  });
  const stop = (): void => void child.end();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  child.write(JSON.stringify(stdin));
  child.finish();
  const code = await child.gone;
  signal.removeEventListener("abort", stop);
  return { code, out, complaint: child.complaints().trim() };
}

function answerOf(event: HookEvent, { code, out, complaint }: End): Json {
  if (code === 2) return refusal(event, complaint || "it refuses this without a reason");
  if (code !== 0)
    throw new Error(
      `it ended with ${code === null ? "a signal" : `code ${code}`}${complaint === "" ? "" : `: ${complaint.slice(0, 300)}`}`,
    );
  const text = out.trim();
  const json = text.startsWith("{") ? parsed(text) : null;
  if (json) return fromJson(event, json);
  if (text !== "" && (event === "session.started" || event === "prompt.before")) return { context: text };
  return {};
}

function parsed(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** How each event is refused, in our terms. */
function refusal(event: HookEvent, reason: string): Json {
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

const word = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function fromJson(event: HookEvent, json: Json): Json {
  if (json.continue === false && event !== "turn.ended")
    return refusal(event, word(json.stopReason) ?? "it stops this");
  const specific = (
    typeof json.hookSpecificOutput === "object" && json.hookSpecificOutput !== null ? json.hookSpecificOutput : {}
  ) as Json;
  const reason = word(specific.permissionDecisionReason) ?? word(json.reason) ?? word(json.message);
  if (json.decision === "block") return refusal(event, reason ?? "it refuses this without a reason");
  const added = word(specific.additionalContext);
  switch (event) {
    case "tool.before": {
      const said = word(specific.permissionDecision) ?? (json.decision === "approve" ? "allow" : word(json.decision));
      const decision = said === "allow" || said === "ask" || said === "deny" ? said : undefined;
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
      return isOurs(event, json) ? json : {};
  }
}

/** An event that Claude Code has not is answered in our own terms. */
const isOurs = (event: HookEvent, json: Json): boolean => theirs[event] === undefined && json.decision === undefined;
