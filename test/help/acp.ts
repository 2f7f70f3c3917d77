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

interface AnyUpdate {
  sessionUpdate: string;
}
type UpdateOf<U extends AnyUpdate, K> = Extract<U, { sessionUpdate: K }>;

/** What an editor has been told, in any version of ACP. */
export interface Told<U extends AnyUpdate> {
  /** Every update so far, of all sessions. */
  updates: U[];
  of<K extends U["sessionUpdate"]>(kind: K): UpdateOf<U, K>[];
  /** Resolves with the first update of this kind, past ones too, that fits. */
  update<K extends U["sessionUpdate"]>(kind: K, fits?: (update: UpdateOf<U, K>) => boolean): Promise<UpdateOf<U, K>>;
  /** Resolves as soon as something is found, looked for after each update. */
  until<T>(find: () => T | undefined): Promise<T>;
}

export interface Editor extends Told<SessionUpdate> {
  child: ChildProcess;
  agent: ClientContext;
  hello: InitializeResponse;
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

/** The agent as a process: its pipes as streams, and its end. */
export function agentProcess(home: Home, args?: readonly string[]) {
  const child = startAgent(home, args);
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("no pipes");
  let err = "";
  stderr.on("data", (piece) => {
    err += piece;
  });
  return {
    child,
    input: Writable.toWeb(stdin) as WritableStream<Uint8Array>,
    output: Readable.toWeb(stdout) as ReadableStream<Uint8Array>,
    stderr: () => err,
    async end() {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
      stdin.end();
      await gone;
    },
  };
}

export function toldTo<U extends AnyUpdate>(): Told<U> & { tell(update: U): void } {
  const updates: U[] = [];
  const waiting = new Set<() => void>();
  const of = <K extends U["sessionUpdate"]>(kind: K) =>
    updates.filter((one): one is UpdateOf<U, K> => one.sessionUpdate === kind);
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    updates,
    of,
    until,
    update: (kind, fits = () => true) => until(() => of(kind).find(fits)),
    tell(update) {
      updates.push(update);
      for (const look of [...waiting]) look();
    },
  };
}

export async function openEditor(home: Home, manner: Manner = {}): Promise<Editor> {
  const { child, input, output, stderr, end } = agentProcess(home, manner.args);
  const { tell, ...told } = toldTo<SessionUpdate>();
  const asked: RequestPermissionRequest[] = [];
  const connection: ClientConnection = client({ name: "editor" })
    .onNotification("session/update", ({ params }) => tell(params.update))
    .onRequest("session/request_permission", ({ params, signal }) => {
      asked.push(params);
      return manner.permit?.(params, signal) ?? chose("yes");
    })
    .onRequest("elicitation/create", ({ params }) => manner.elicit?.(params) ?? { action: "cancel" })
    .onRequest("fs/read_text_file", ({ params }) => manner.read?.(params) ?? { content: "" })
    .onRequest("fs/write_text_file", ({ params }) => manner.write?.(params) ?? {})
    .connect(ndJsonStream(input, output));
  const { agent } = connection;
  const hello = await agent.request("initialize", {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: "editor", title: "Test Editor", version: "1" },
    ...(manner.capabilities && { clientCapabilities: manner.capabilities }),
  });
  return {
    child,
    agent,
    hello,
    ...told,
    text: () =>
      told
        .of("agent_message_chunk")
        .map(({ content }) => (content.type === "text" ? content.text : ""))
        .join(""),
    create: (more = {}) => agent.request("session/new", { cwd: home.work, mcpServers: [], ...more }),
    async prompt(sessionId, text) {
      const { stopReason } = await agent.request("session/prompt", { sessionId, prompt: [{ type: "text", text }] });
      return stopReason;
    },
    asked,
    stderr,
    async close() {
      await end();
      connection.close();
    },
  };
}
