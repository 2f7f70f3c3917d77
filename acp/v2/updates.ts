/** Maps updates to the wire format of the draft of ACP version 2. Pure. */
import type {
  AvailableCommand,
  ContentBlock,
  Diff,
  DiffChange,
  IdleStateUpdate,
  PlanEntry,
  SessionConfigOption,
  SessionUpdate,
  ToolCallContent,
  ToolCallStatus,
  ToolCallUpdate,
} from "@agentclientprotocol/sdk/experimental/v2";
import { formatPatch } from "diff";
import type { CallState, PlanItem } from "../../protocol/events.ts";
import { callStatuses, formatOutput } from "../calls.ts";
import type { Call, Content, FileDiff, Option, SessionStatus, SlashCommand, Update } from "../editor.ts";
import { type StopResult, stopReasonOf } from "../stop-reason.ts";

/** A session has one plan. */
const PLAN = "plan";

export function updatesOf(update: Update): SessionUpdate[] {
  switch (update.type) {
    case "prompt":
      return [{ sessionUpdate: "user_message", messageId: update.id, content: [...update.blocks] }];
    case "response.delta": {
      const piece = { messageId: update.id, content: textBlock(update.text) };
      if (update.as === "text") return [{ sessionUpdate: "agent_message_chunk", ...piece }];
      return [{ sessionUpdate: "agent_thought_chunk", ...piece }];
    }
    case "response.done": {
      const whole = { messageId: update.id, content: [textBlock(update.text)] };
      if (update.text === update.sent) return [];
      if (update.as === "text") return [{ sessionUpdate: "agent_message", ...whole }];
      return [{ sessionUpdate: "agent_thought", ...whole }];
    }
    case "call":
    case "call.changed":
      return [{ sessionUpdate: "tool_call_update", ...callOf(update.call) }];
    case "plan": {
      const plan = { type: "items" as const, planId: PLAN, entries: update.items.map(entryOf) };
      return [{ sessionUpdate: "plan_update", plan }];
    }
    case "usage": {
      const { used, size, cost } = update;
      return [
        { sessionUpdate: "usage_update", used, size, cost: cost === null ? null : { amount: cost, currency: "USD" } },
      ];
    }
    case "title": {
      const { title, updatedAt } = update;
      return [{ sessionUpdate: "session_info_update", title, updatedAt: new Date(updatedAt).toISOString() }];
    }
    case "notice":
      return [noticeOf(update.level, update.text)];
    case "compaction": {
      const { id, summary } = update;
      return [
        { sessionUpdate: "compaction_update", compactionId: id, status: "completed", summary: [textBlock(summary)] },
      ];
    }
    case "commands":
      return [{ sessionUpdate: "available_commands_update", availableCommands: commandsOf(update.commands) }];
    case "options":
      return [{ sessionUpdate: "config_option_update", configOptions: optionsOf(update.options) }];
    case "state":
      return stateOf(update.state);
    default:
      return update satisfies never;
  }
}

const textBlock = (text: string): ContentBlock => ({ type: "text", text });

const noticeOf = (level: "info" | "warning" | "error", text: string): SessionUpdate => ({
  sessionUpdate: "notice",
  severity: level,
  title: text,
});

const stopReasons: Readonly<Record<Exclude<StopResult["stopReason"], "error">, IdleStateUpdate>> = {
  end_turn: { stopReason: "end_turn" },
  cancelled: { stopReason: "cancelled" },
  max_tokens: { stopReason: "max_tokens" },
  max_turn_requests: { stopReason: "max_turn_requests" },
};

/** A notice about the outcome is sent before the end of the turn. */
function stateOf(state: SessionStatus): SessionUpdate[] {
  if (state.status === "running") return [{ sessionUpdate: "state_update", state: "running" }];
  if (state.status === "waiting") return [{ sessionUpdate: "state_update", state: "requires_action" }];
  const idle = { sessionUpdate: "state_update", state: "idle" } as const;
  if (!state.end) return [idle];
  const ended = stopReasonOf(state.end);
  if (ended.stopReason === "error") return [{ ...idle, stopReason: "error", error: ended.error.toErrorResponse() }];
  const notices = ended.notice === null ? [] : [noticeOf("warning", ended.notice)];
  return [...notices, { ...idle, ...stopReasons[ended.stopReason] }];
}

const states: Readonly<Record<CallState, ToolCallStatus>> = { ...callStatuses, interrupted: "cancelled" };

export const callOf = ({ id, state, input, locations, content, ...named }: Call): ToolCallUpdate => ({
  toolCallId: id,
  ...named,
  ...(state && { status: states[state] }),
  ...(locations && { locations: [...locations] }),
  ...(input !== undefined && { rawInput: input }),
  ...(content && { content: content.map(contentOf) }),
});

function contentOf(content: Content): ToolCallContent {
  if (content.type === "output") return { type: "content", content: textBlock(formatOutput(content)) };
  return content.type === "diff" ? { type: "diff", ...diffOf(content) } : { type: "content", content };
}

const operations: Readonly<Record<FileDiff["operation"], (path: string) => DiffChange>> = {
  add: (path) => ({ operation: "add", path, fileType: "text" }),
  modify: (path) => ({ operation: "modify", path, fileType: "text" }),
  delete: (path) => ({ operation: "delete", path, fileType: "text" }),
};

const diffOf = (diff: FileDiff): Diff => ({
  changes: [operations[diff.operation](diff.path)],
  patch: { format: "git_patch", text: gitPatch(diff) },
});

/** Paths are absolute and have no a/ and b/ prefix, unlike Git's. */
const gitPatch = ({ path, operation, hunks }: FileDiff): string =>
  formatPatch({
    isGit: true,
    isCreate: operation === "add",
    isDelete: operation === "delete",
    oldFileName: operation === "add" ? "/dev/null" : path,
    newFileName: operation === "delete" ? "/dev/null" : path,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [...hunks],
  });

const steps: Readonly<Record<PlanItem["state"], PlanEntry["status"]>> = {
  pending: "pending",
  active: "in_progress",
  done: "completed",
  dropped: "cancelled",
};

const entryOf = ({ text, state }: PlanItem): PlanEntry => ({ content: text, priority: "medium", status: steps[state] });

const commandsOf = (commands: readonly SlashCommand[]): AvailableCommand[] =>
  commands.map(({ name, description, hint }) => ({
    type: "command",
    name,
    description,
    ...(hint !== undefined && { input: { type: "text", hint } }),
  }));

export const optionsOf = (options: readonly Option[]): SessionConfigOption[] =>
  options.map(({ id, value, choices, ...option }) => ({
    type: "select",
    configId: id,
    ...option,
    currentValue: value,
    options: choices,
  }));
