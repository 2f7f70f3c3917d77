/** Maps updates to the wire format of ACP version 1. Pure. */
import type {
  AvailableCommand,
  ContentBlock,
  PlanEntry,
  SessionConfigOption,
  SessionModeState,
  SessionUpdate,
  ToolCallContent,
} from "@agentclientprotocol/sdk";
import type { PlanItem } from "../../protocol/events.ts";
import { callStatuses, formatOutput } from "../calls.ts";
import type { Block, Call, Content, Option, SlashCommand, Update } from "../editor.ts";

/** Optional update types that the editor supports. */
export interface EditorFeatures {
  notices: boolean;
  compaction: boolean;
}

export function updatesOf(update: Update, features: EditorFeatures): SessionUpdate[] {
  switch (update.type) {
    case "prompt":
      // The editor already shows its own prompts.
      return update.own ? [] : update.blocks.map((block) => toPromptChunk(update.id, block));
    case "response.delta":
      return [toResponseChunk(update.as, update.text, update.id)];
    case "response.done": {
      const rest = update.text.startsWith(update.sent) ? update.text.slice(update.sent.length) : "";
      return rest === "" ? [] : [toResponseChunk(update.as, rest, update.id)];
    }
    case "call":
      return [{ sessionUpdate: "tool_call", ...callOf(update.call), title: update.call.title }];
    case "call.changed":
      return [{ sessionUpdate: "tool_call_update", ...callOf(update.call) }];
    case "plan":
      return [{ sessionUpdate: "plan", entries: update.items.flatMap(entryOf) }];
    case "usage": {
      const { used, size, cost } = update;
      const priced = cost !== null && { cost: { amount: cost, currency: "USD" } };
      return [{ sessionUpdate: "usage_update", used, size, ...priced }];
    }
    case "title": {
      const { title, updatedAt } = update;
      return [{ sessionUpdate: "session_info_update", title, updatedAt: new Date(updatedAt).toISOString() }];
    }
    case "notice": {
      const { id, level, text } = update;
      if (features.notices) return [{ sessionUpdate: "notice", severity: level, title: text }];
      // Without notices, warnings and errors are sent as thoughts, and information is dropped.
      return level === "info" ? [] : [toResponseChunk("reasoning", `${level}: ${text}\n\n`, id)];
    }
    case "compaction": {
      const { id, summary } = update;
      if (!features.compaction) return [];
      return [
        { sessionUpdate: "compaction_update", compactionId: id, status: "completed", summary: [textBlock(summary)] },
      ];
    }
    case "commands":
      return [{ sessionUpdate: "available_commands_update", availableCommands: update.commands.map(commandOf) }];
    case "options":
      return [{ sessionUpdate: "config_option_update", configOptions: optionsOf(update.options) }];
    case "state":
      // The response to the prompt request reports the end of a turn.
      return [];
    default:
      return update satisfies never;
  }
}

const textBlock = (text: string): ContentBlock => ({ type: "text", text });

const toPromptChunk = (id: string, block: Block): SessionUpdate => ({
  sessionUpdate: "user_message_chunk",
  content: block,
  messageId: id,
});

const toResponseChunk = (as: "text" | "reasoning", text: string, id: string): SessionUpdate => ({
  sessionUpdate: as === "text" ? "agent_message_chunk" : "agent_thought_chunk",
  content: textBlock(text),
  messageId: id,
});

export function callOf({ id, state, input, locations, content, ...named }: Call) {
  return {
    toolCallId: id,
    ...named,
    ...(state && { status: callStatuses[state] }),
    ...(locations && { locations: [...locations] }),
    ...(input !== undefined && { rawInput: input }),
    ...(content && { content: content.flatMap(contentOf) }),
  };
}

export function contentOf(content: Content): ToolCallContent[] {
  if (content.type === "output") return [{ type: "content", content: textBlock(formatOutput(content)) }];
  if (content.type !== "diff") return [{ type: "content", content }];
  const { path, texts } = content;
  return texts.map(({ before, after }) => ({ type: "diff", path, oldText: before, newText: after }));
}

const steps: Readonly<Record<Exclude<PlanItem["state"], "dropped">, PlanEntry["status"]>> = {
  pending: "pending",
  active: "in_progress",
  done: "completed",
};

const entryOf = ({ text, state }: PlanItem): PlanEntry[] =>
  state === "dropped" ? [] : [{ content: text, priority: "medium", status: steps[state] }];

const commandOf = ({ name, description, hint }: SlashCommand): AvailableCommand => ({
  name,
  description,
  ...(hint !== undefined && { input: { hint } }),
});

export const optionsOf = (options: readonly Option[]): SessionConfigOption[] =>
  options.map(({ value, choices, ...option }) => ({
    type: "select",
    ...option,
    currentValue: value,
    options: choices,
  }));

/** The mode option as the separate mode list of older editors. */
export function modesOf(options: readonly Option[]): SessionModeState {
  const mode = options.find(({ id }) => id === "mode");
  return {
    currentModeId: mode?.value ?? "",
    availableModes: (mode?.choices ?? []).map(({ value, ...choice }) => ({ id: value, ...choice })),
  };
}
