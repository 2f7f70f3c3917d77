/** An editor for tests: the built `tutti acp` as a process, and the SDK's own client at its other end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import {
  type ClientCapabilities,
  type ClientConnection,
  type ClientContext,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  type InitializeResponse,
  type NewSessionResponse,
  ndJsonStream,
  PROTOCOL_VERSION,
  type ReadTextFileRequest,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
  type WriteTextFileRequest,
} from "@agentclientprotocol/sdk";
import { bin } from "./built.ts";
import type { Home } from "./tutti.ts";

type Kind = SessionUpdate["sessionUpdate"];
export type UpdateOf<K extends Kind> = Extract<SessionUpdate, { sessionUpdate: K }>;

export interface Editor {
  child: ChildProcess;
  agent: ClientContext;
  hello: InitializeResponse;
  /** Every update so far, of all sessions. */
  updates: SessionUpdate[];
  of<K extends Kind>(kind: K): UpdateOf<K>[];
  /** Resolves with the first update of this kind, past ones too, that fits. */
  update<K extends Kind>(kind: K, fits?: (update: UpdateOf<K>) => boolean): Promise<UpdateOf<K>>;
  /** What the agent has said so far, in one. */
  text(): string;
  create(more?: object): Promise<NewSessionResponse>;
  prompt(sessionId: string, text: string): Promise<string>;
  /** What it was asked, in order. */
  asked: RequestPermissionRequest[];
  stderr(): string;
  close(): Promise<void>;
}

export interface Manner {
  capabilities?: ClientCapabilities;
  args?: string[];
  permit?(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse>;
  elicit?(request: CreateElicitationRequest): Promise<CreateElicitationResponse>;
  read?(request: ReadTextFileRequest): Promise<{ content: string }>;
  write?(request: WriteTextFileRequest): Promise<Record<string, never>>;
}

export const chose = (optionId: string): RequestPermissionResponse => ({ outcome: { outcome: "selected", optionId } });
export const never = <T>(): Promise<T> => new Promise(() => undefined);

export function startAgent(home: Home, args: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [bin, "acp", ...args], {
    cwd: home.work,
    env: home.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => undefined);
  return child;
}

export async function openEditor(home: Home, manner: Manner = {}): Promise<Editor> {
  const child = startAgent(home, manner.args);
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("no pipes");
  let err = "";
  stderr.on("data", (piece) => {
    err += piece;
  });
  const updates: SessionUpdate[] = [];
  const asked: RequestPermissionRequest[] = [];
  const waiting = new Set<(update: SessionUpdate) => void>();
  const connection: ClientConnection = client({ name: "editor" })
    .onNotification("session/update", ({ params: { update } }) => {
      updates.push(update);
      for (const give of [...waiting]) give(update);
    })
    .onRequest("session/request_permission", ({ params, signal }) => {
      asked.push(params);
      return manner.permit?.(params, signal) ?? chose("yes");
    })
    .onRequest("elicitation/create", ({ params }) => manner.elicit?.(params) ?? { action: "cancel" })
    .onRequest("fs/read_text_file", ({ params }) => manner.read?.(params) ?? { content: "" })
    .onRequest("fs/write_text_file", ({ params }) => manner.write?.(params) ?? {})
    .connect(
      ndJsonStream(
        Writable.toWeb(stdin) as WritableStream<Uint8Array>,
        Readable.toWeb(stdout) as ReadableStream<Uint8Array>,
      ),
    );
  const { agent } = connection;
  const hello = await agent.request("initialize", {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: "editor", title: "Test Editor", version: "1" },
    ...(manner.capabilities && { clientCapabilities: manner.capabilities }),
  });
  const of = <K extends Kind>(kind: K): UpdateOf<K>[] =>
    updates.filter((one): one is UpdateOf<K> => one.sessionUpdate === kind);
  return {
    child,
    agent,
    hello,
    updates,
    of,
    update(kind, fits = () => true) {
      const known = of(kind).find(fits);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        const give = (update: SessionUpdate): void => {
          const one = update as UpdateOf<typeof kind>;
          if (update.sessionUpdate !== kind || !fits(one)) return;
          waiting.delete(give);
          resolve(one);
        };
        waiting.add(give);
      });
    },
    text: () =>
      of("agent_message_chunk")
        .map(({ content }) => (content.type === "text" ? content.text : ""))
        .join(""),
    create: (more = {}) => agent.request("session/new", { cwd: home.work, mcpServers: [], ...more }),
    async prompt(sessionId, text) {
      const { stopReason } = await agent.request("session/prompt", { sessionId, prompt: [{ type: "text", text }] });
      return stopReason;
    },
    asked,
    stderr: () => err,
    async close() {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
      stdin.end();
      await gone;
      connection.close();
    },
  };
}
