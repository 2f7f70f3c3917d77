/** An editor for tests that speaks the draft of version 2 of ACP: the built program as a process, and the SDK's own client. */
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
import { agentProcess, type Told, toldTo } from "./acp.ts";
import type { Home } from "./tutti.ts";

export interface DraftEditor extends Told<SessionUpdate> {
  agent: ClientContext;
  hello: InitializeResponse;
  create(more?: object): Promise<NewSessionResponse>;
  /** Resolves with the id of the message that it became. */
  prompt(sessionId: string, prompt: string | ContentBlock[]): Promise<string>;
  /** Resolves with how the session came to rest after this message. */
  rested(messageId: string): Promise<Rested>;
  /** How each message and thought of the agent reads by now. */
  said(): string[];
  /** What it was asked, in order. */
  asked: RequestPermissionRequest[];
  close(): Promise<void>;
}

interface Rested {
  stopReason?: unknown;
  error?: unknown;
}

export interface DraftManner {
  args?: string[];
  capabilities?: ClientCapabilities;
  permit?(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse>;
  elicit?(request: CreateElicitationRequest): Promise<CreateElicitationResponse>;
}

export const chose = (optionId: string): RequestPermissionResponse => ({ outcome: { outcome: "selected", optionId } });

export async function openDraftEditor(home: Home, manner: DraftManner = {}): Promise<DraftEditor> {
  const { input, output, end } = agentProcess(home, manner.args ?? ["--draft-v2"]);
  const { tell, ...told } = toldTo<SessionUpdate>();
  const asked: RequestPermissionRequest[] = [];
  const connection = client({ name: "editor" })
    .onNotification("session/update", ({ params }) => tell(params.update))
    .onRequest("session/request_permission", ({ params, signal }) => {
      asked.push(params);
      return manner.permit?.(params, signal) ?? chose("yes");
    })
    .onRequest("elicitation/create", ({ params }) => manner.elicit?.(params) ?? { action: "cancel" })
    .connect(ndJsonStream(input, output));
  const { agent } = connection;
  const close = async (): Promise<void> => {
    await end();
    connection.close();
  };
  const hello = await agent
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
    hello,
    ...told,
    create: (more = {}) => agent.request("session/new", { cwd: home.work, ...more }),
    async prompt(sessionId, prompt) {
      const blocks = typeof prompt === "string" ? [{ type: "text" as const, text: prompt }] : prompt;
      return (await agent.request("session/prompt", { sessionId, prompt: blocks })).messageId;
    },
    rested: (messageId) =>
      told.until(() => {
        const from = told.updates.findIndex((one) => isOf(one, "user_message") && one.messageId === messageId);
        const rest = from < 0 ? [] : told.updates.slice(from);
        return rest.find((one) => isOf(one, "state_update") && one.state === "idle") as Rested | undefined;
      }),
    said: () => messagesIn(told.updates),
    asked,
    close,
  };
}

const isOf = <K extends SessionUpdate["sessionUpdate"]>(
  update: SessionUpdate,
  kind: K,
): update is Extract<SessionUpdate, { sessionUpdate: K }> => update.sessionUpdate === kind;

/** Chunks append, and a whole message stands in place of what there was of it. */
function messagesIn(updates: readonly SessionUpdate[]): string[] {
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
