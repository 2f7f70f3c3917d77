/** The events of Claude Code's hooks, and what their commands get on standard input. */
import type { HookEvent } from "../../protocol/plugin.ts";
import type { Mode } from "../../protocol/settings.ts";
import { toClaudeAgent, toClaudeCall, toClaudeName } from "./claude-tool-names.ts";

type Json = Record<string, unknown>;

/** Claude Code's events. `sessions`: those of a person, those of subagents, or both. */
const EVENTS: Readonly<Record<string, { event: HookEvent; sessions: "person" | "subagent" | "all" }>> = {
  SessionStart: { event: "session.started", sessions: "person" },
  SessionEnd: { event: "session.ended", sessions: "person" },
  UserPromptSubmit: { event: "prompt.before", sessions: "person" },
  PreToolUse: { event: "tool.before", sessions: "all" },
  PostToolUse: { event: "tool.after", sessions: "all" },
  PermissionRequest: { event: "permission.asked", sessions: "all" },
  PreCompact: { event: "compaction.before", sessions: "all" },
  Stop: { event: "turn.ended", sessions: "person" },
  SubagentStart: { event: "session.started", sessions: "subagent" },
  SubagentStop: { event: "turn.ended", sessions: "subagent" },
  Notification: { event: "notification", sessions: "all" },
};

const claudeNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(EVENTS).flatMap(([name, { event, sessions }]) => (sessions === "subagent" ? [] : [[event, name]])),
);

/** True if Claude Code has an event like this one. */
export const isClaudeEvent = (event: HookEvent): boolean => claudeNames[event] !== undefined;

export interface HookedEvent {
  event: HookEvent;
  /** Sent to the command. */
  name: string;
  sessions: "person" | "subagent" | "all";
}

/** Null for an unknown name. Events of Tutti are those of all sessions. */
export function findHookedEvent(name: string): HookedEvent | null {
  const known = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
  if (known) return { ...known, name };
  const own = claudeNames[name];
  return own === undefined ? null : { event: name as HookEvent, name: own, sessions: "all" };
}

/** The session that a hook is called for. `agent` is set for one of a subagent. */
export interface HookedSession {
  /** The session that a person started. */
  id: string;
  transcript: string;
  mode: Mode;
  model: string;
  agent: { id: string; name: string; transcript: string } | null;
}

const permissionModes: Readonly<Record<Mode, string>> = {
  plan: "plan",
  ask: "default",
  edit: "acceptEdits",
  auto: "bypassPermissions",
};

const SOURCES: Readonly<Record<string, string>> = { new: "startup", resumed: "resume", compacted: "compact" };

export function toStdin({ event, name }: HookedEvent, payload: Json, session: HookedSession): Json {
  const { agent } = session;
  const common = {
    session_id: session.id,
    transcript_path: session.transcript,
    cwd: payload.cwd,
    permission_mode: permissionModes[session.mode],
    hook_event_name: name,
    ...(agent && { agent_id: agent.id, agent_type: toClaudeAgent(agent.name) }),
  };
  const call = (): Json => {
    const { tool, input } = toClaudeCall(String(payload.tool), payload.input);
    return { tool_name: tool, tool_input: input, tool_use_id: payload.call };
  };
  switch (event) {
    case "session.started":
      if (agent) return common;
      return { ...common, source: SOURCES[String(payload.reason)], model: session.model };
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
      return {
        ...common,
        ...(agent && { agent_transcript_path: agent.transcript }),
        stop_hook_active: Number(payload.continued) > 0,
        last_assistant_message: payload.text,
      };
    case "compaction.before":
      return { ...common, trigger: "auto", custom_instructions: "" };
    case "notification":
      return { ...common, message: payload.text };
    default:
      return { ...common, ...payload };
  }
}

/** Whether a hook matches this tool, source, reason or agent; an invalid pattern is compared as a name. */
export function matchesHook(matcher: string | null, { event }: HookedEvent, payload: Json, stdin: Json): boolean {
  if (matcher === null || matcher === "*") return true;
  const names = listMatched(event, payload, stdin);
  if (names === null) return true;
  try {
    const pattern = new RegExp(`^(?:${matcher})$`);
    return names.some((name) => pattern.test(name));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return names.includes(matcher);
  }
}

/** Claude Code's names, and Tutti's. Null for events that no matcher selects. */
function listMatched(event: HookEvent, payload: Json, stdin: Json): string[] | null {
  if (typeof payload.tool === "string") return [payload.tool, toClaudeName(payload.tool)];
  const byEvent: Readonly<Partial<Record<HookEvent, unknown>>> = {
    "session.started": stdin.source ?? stdin.agent_type,
    "session.ended": stdin.reason,
    "turn.ended": stdin.agent_type,
    "compaction.before": stdin.trigger,
  };
  const value = byEvent[event];
  return typeof value === "string" ? [value] : null;
}
