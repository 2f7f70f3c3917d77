/** An editor for tests that uses the draft of ACP version 2: the built program as a process, and the SDK's client. */
import {
  type ClientCapabilities,
  type ClientContext,
  type ContentBlock,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  type InitializeResponse,
  type NewSessionResponse,
  ndJsonStream,
  PROTOCOL_VERSION,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from "@agentclientprotocol/sdk/experimental/v2";
import { agentProcess, recordUpdates, type UpdateRecord } from "./acp.ts";
import type { Home } from "./tutti.ts";

export interface DraftEditor extends UpdateRecord<SessionUpdate> {
  agent: ClientContext;
  initializeResult: InitializeResponse;
  create(more?: object): Promise<NewSessionResponse>;
  /** Resolves with the ID of the message. */
  prompt(sessionId: string, prompt: string | ContentBlock[]): Promise<string>;
  /** Resolves with the end of the turn of this message. */
  turnEnd(messageId: string): Promise<TurnEnd>;
  /** The current text of each message and thought of the agent. */
  messages(): string[];
  /** Permission requests, in order. */
  permissionRequests: RequestPermissionRequest[];
  close(): Promise<void>;
}

interface TurnEnd {
  stopReason?: unknown;
  error?: unknown;
}

export interface DraftEditorBehavior {
  args?: string[];
  capabilities?: ClientCapabilities;
  requestPermission?(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse>;
  elicit?(request: CreateElicitationRequest): Promise<CreateElicitationResponse>;
}

export const selectOption = (optionId: string): RequestPermissionResponse => ({
  outcome: { outcome: "selected", optionId },
});

export async function openDraftEditor(home: Home, manner: DraftEditorBehavior = {}): Promise<DraftEditor> {
  const { input, output, end } = agentProcess(home, manner.args ?? ["--draft-v2"]);
  const { record, ...recorder } = recordUpdates<SessionUpdate>();
  const permissionRequests: RequestPermissionRequest[] = [];
  const connection = client({ name: "editor" })
    .onNotification("session/update", ({ params }) => record(params.update))
    .onRequest("session/request_permission", ({ params, signal }) => {
      permissionRequests.push(params);
      return manner.requestPermission?.(params, signal) ?? selectOption("yes");
    })
    .onRequest("elicitation/create", ({ params }) => manner.elicit?.(params) ?? { action: "cancel" })
    .connect(ndJsonStream(input, output));
  const { agent } = connection;
  const close = async (): Promise<void> => {
    await end();
    connection.close();
  };
  const initializeResult = await agent
    .request("initialize", {
      protocolVersion: PROTOCOL_VERSION,
      info: { name: "editor", title: "Test Editor", version: "1" },
      ...(manner.capabilities && { capabilities: manner.capabilities }),
    })
    .catch(async (error: unknown) => {
      await close();
      throw error;
    });
  return {
    agent,
    initializeResult,
    ...recorder,
    create: (more = {}) => agent.request("session/new", { cwd: home.work, ...more }),
    async prompt(sessionId, prompt) {
      const blocks = typeof prompt === "string" ? [{ type: "text" as const, text: prompt }] : prompt;
      return (await agent.request("session/prompt", { sessionId, prompt: blocks })).messageId;
    },
    turnEnd: (messageId) =>
      recorder.waitFor(() => {
        const from = recorder.updates.findIndex((one) => isOf(one, "user_message") && one.messageId === messageId);
        const rest = from < 0 ? [] : recorder.updates.slice(from);
        return rest.find((one) => isOf(one, "state_update") && one.state === "idle") as TurnEnd | undefined;
      }),
    messages: () => collectMessages(recorder.updates),
    permissionRequests,
    close,
  };
}

const isOf = <K extends SessionUpdate["sessionUpdate"]>(
  update: SessionUpdate,
  kind: K,
): update is Extract<SessionUpdate, { sessionUpdate: K }> => update.sessionUpdate === kind;

/** Chunks are appended; a complete message replaces its chunks. */
function collectMessages(updates: readonly SessionUpdate[]): string[] {
  const texts = new Map<string, string>();
  const textOf = (blocks: readonly ContentBlock[]): string =>
    blocks.map((block) => ("text" in block ? block.text : "")).join("");
  for (const update of updates) {
    if (isOf(update, "agent_message_chunk") || isOf(update, "agent_thought_chunk"))
      texts.set(update.messageId, (texts.get(update.messageId) ?? "") + textOf([update.content]));
    if (isOf(update, "agent_message") || isOf(update, "agent_thought"))
      texts.set(update.messageId, textOf(update.content ?? []));
  }
  return [...texts.values()];
}
