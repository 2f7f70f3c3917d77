/**
 * Folds the log of a session into the lines of a Claude Code transcript, which scripts of hooks read. Lines are only ever appended: the
 * parts of a step become lines when it is certain that the model is not asked for them again.
 */
import type { Attachment, Envelope, EventOf, Usage } from "../../protocol/events.ts";
import { COMPACT_AGENT, isCommandAgent, SHELL_AGENT } from "../session/history.ts";
import { toClaudeCall } from "./claude-tool-names.ts";

export interface TranscriptHead {
  /** The session that a person started. */
  session: string;
  /** The id of the subagent whose session it is; null for the session of a person. */
  agentId: string | null;
  version: string;
  /** A UUID that is the same each time the transcript is made. */
  createUuid(key: string): string;
}

export type TranscriptLine = Record<string, unknown>;

export interface TranscriptFold {
  add(envelope: Envelope): TranscriptLine[];
  /** The lines of the current step, whose response is complete. */
  settle(): TranscriptLine[];
}

type Block = Record<string, unknown>;
type Position = Pick<Envelope, "seq" | "at">;

/** What a line adds to the common fields. */
interface LineFields {
  type: "user" | "assistant" | "system";
  [field: string]: unknown;
}

export function createTranscriptFold(head: TranscriptHead): TranscriptFold {
  const chain = createChain(head);
  const { createLine, createUserLine } = chain;
  const step = createStepBuffer(createLine);
  let model = "";
  let commandTurn: { turn: string } | null = null;

  const startTurn = (envelope: Envelope, { turn, agent, text, attachments }: EventOf<"turn.started">) => {
    commandTurn = isCommandAgent(agent) ? { turn } : null;
    if (agent === COMPACT_AGENT) return [];
    if (agent === SHELL_AGENT)
      return [createUserLine(envelope, `<bash-input>${text.replace(/^!\s*/, "")}</bash-input>`)];
    return [createUserLine(envelope, toContent(text, attachments))];
  };
  const endCall = (envelope: Envelope, { call, output, state }: EventOf<"call.done">): TranscriptLine => {
    if (commandTurn) return createUserLine(envelope, `<bash-stdout>${output}</bash-stdout>`);
    const failed = state !== "done" && { is_error: true };
    return createUserLine(envelope, [{ type: "tool_result", tool_use_id: call, content: output, ...failed }]);
  };
  const addHook = (envelope: Envelope, { effect, call, text }: EventOf<"hook.done">): TranscriptLine[] => {
    if (text === undefined || call !== undefined) return [];
    if (effect !== "context" && effect !== "rewrote" && effect !== "continued") return [];
    return [...step.close(false), createUserLine(envelope, text, { isMeta: true })];
  };

  const add = (envelope: Envelope): TranscriptLine[] => {
    const { event } = envelope;
    switch (event.type) {
      case "session.opened":
        chain.setFolder(event.cwd);
        return [];
      case "model.routed":
        model = event.model;
        return [];
      case "turn.started":
        return [...step.close(true), ...startTurn(envelope, event)];
      case "turn.steered":
        return [
          ...step.close(false),
          createUserLine(envelope, event.text),
          ...(event.expanded === undefined ? [] : [createUserLine(envelope, event.expanded, { isMeta: true })]),
        ];
      case "text.done":
      case "reasoning.done": {
        const closed = step.open(event, model, event.attempt);
        const block =
          event.type === "text.done"
            ? { type: "text", text: event.text }
            : { type: "thinking", thinking: event.text, signature: "" };
        if (event.text !== "") step.add(envelope, block, event.incomplete);
        return closed;
      }
      case "call.asked": {
        if (event.turn === commandTurn?.turn) return [];
        const closed = step.open(event, model);
        const { tool, input } = toClaudeCall(event.name, event.input ?? {});
        step.add(envelope, { type: "tool_use", id: event.call, name: tool, input });
        return closed;
      }
      case "usage.counted": {
        const closed = step.open(event, model);
        step.setUsage(event.usage);
        return closed;
      }
      case "call.done":
        return [...step.close(false), endCall(envelope, event)];
      case "hook.done":
        return addHook(envelope, event);
      case "history.compacted": {
        const content = "Conversation compacted";
        return [
          ...step.close(false),
          createLine(envelope, { type: "system", subtype: "compact_boundary", content }),
          createUserLine(envelope, event.summary, { isCompactSummary: true, isMeta: true }),
        ];
      }
      case "turn.ended": {
        const closed = step.close(true);
        commandTurn = null;
        if (event.outcome !== "cancelled") return closed;
        return [...closed, createUserLine(envelope, "[Request interrupted by user]", { isMeta: true })];
      }
      default:
        return [];
    }
  };
  return { add, settle: () => step.close(false) };
}

/** Makes lines, each of which names the one before it. */
function createChain({ session, agentId, version, createUuid }: TranscriptHead) {
  let cwd = "";
  let parent: string | null = null;
  let count = 0;
  const createLine = ({ seq, at }: Position, fields: LineFields): TranscriptLine => {
    count += 1;
    const uuid = createUuid(`${seq} ${count}`);
    const line = {
      parentUuid: parent,
      isSidechain: agentId !== null,
      ...(agentId !== null && { agentId }),
      userType: "external",
      cwd,
      sessionId: session,
      version,
      gitBranch: "",
      ...fields,
      uuid,
      timestamp: new Date(at).toISOString(),
    };
    parent = uuid;
    return line;
  };
  return {
    createLine,
    createUserLine: (position: Position, content: string | Block[], more: Block = {}): TranscriptLine =>
      createLine(position, { type: "user", message: { role: "user", content }, ...more }),
    setFolder(folder: string): void {
      cwd = folder;
    },
  };
}

interface OpenStep {
  turn: string;
  step: number;
  attempt: number;
  model: string;
  blocks: { block: Block; position: Position }[];
  /** Text that the provider broke off: it counts only if the turn ends with it. */
  incomplete: { block: Block; position: Position }[];
  usage: Usage | null;
}

/** Collects the response of one step, which becomes a line for each part when the step is closed. */
function createStepBuffer(createLine: ReturnType<typeof createChain>["createLine"]) {
  let current: OpenStep | null = null;
  const close = (turnEnded: boolean): TranscriptLine[] => {
    if (!current) return [];
    const { blocks, incomplete, usage, turn, step, model } = current;
    current = null;
    const hasContent = blocks.some(({ block }) => block.type !== "thinking");
    const chosen = turnEnded && !hasContent ? [...blocks, ...incomplete] : blocks;
    const message = {
      id: `msg_${turn}_${step}`,
      type: "message",
      role: "assistant",
      model,
      stop_reason: chosen.some(({ block }) => block.type === "tool_use") ? "tool_use" : "end_turn",
      stop_sequence: null,
      usage: toClaudeUsage(usage),
    };
    return chosen.map(({ block, position }) =>
      createLine(position, { type: "assistant", message: { ...message, content: [block] } }),
    );
  };
  return {
    close,
    /** Another step closes the one before it; another attempt starts the step again. */
    open({ turn, step }: { turn: string; step: number }, model: string, attempt?: number): TranscriptLine[] {
      const closed = current && (current.turn !== turn || current.step !== step) ? close(false) : [];
      if (attempt !== undefined && attempt !== current?.attempt) current = null;
      current ??= { turn, step, attempt: attempt ?? 1, model, blocks: [], incomplete: [], usage: null };
      return closed;
    },
    add(position: Position, block: Block, incomplete = false): void {
      current?.[incomplete ? "incomplete" : "blocks"].push({ block, position });
    },
    setUsage(usage: Usage): void {
      if (current) current.usage = usage;
    },
  };
}

function toContent(text: string, attachments: readonly Attachment[]): string | Block[] {
  if (attachments.length === 0) return text;
  const files = attachments.map(({ name, text: inlined }) => ({
    type: "text",
    text: inlined === undefined ? `[Image: ${name}]` : `<file name=${JSON.stringify(name)}>\n${inlined}\n</file>`,
  }));
  return [{ type: "text", text }, ...files];
}

const toClaudeUsage = (usage: Usage | null): Record<string, number> => ({
  input_tokens: (usage?.input ?? 0) - (usage?.cached ?? 0),
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage?.cached ?? 0,
  output_tokens: usage?.output ?? 0,
});
