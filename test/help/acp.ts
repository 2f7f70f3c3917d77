/** An editor for tests: the built `tutti acp` as a process, and the SDK's client. */
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
import { bin } from "./build.ts";
import type { Home } from "./tutti.ts";

interface AnyUpdate {
  sessionUpdate: string;
}
type UpdateOf<U extends AnyUpdate, K> = Extract<U, { sessionUpdate: K }>;

/** The updates that an editor received, in any version of ACP. */
export interface UpdateRecord<U extends AnyUpdate> {
  /** All updates of all sessions. */
  updates: U[];
  ofKind<K extends U["sessionUpdate"]>(kind: K): UpdateOf<U, K>[];
  /** Resolves with the first matching update of this kind, including past ones. */
  update<K extends U["sessionUpdate"]>(kind: K, fits?: (update: UpdateOf<U, K>) => boolean): Promise<UpdateOf<U, K>>;
  /** Resolves when `find` returns a value; it is called after each update. */
  waitFor<T>(find: () => T | undefined): Promise<T>;
}

export interface Editor extends UpdateRecord<SessionUpdate> {
  child: ChildProcess;
  agent: ClientContext;
  initializeResult: InitializeResponse;
  /** All text of the agent so far. */
  text(): string;
  create(more?: object): Promise<NewSessionResponse>;
  prompt(sessionId: string, text: string): Promise<string>;
  /** Permission requests, in order. */
  permissionRequests: RequestPermissionRequest[];
  stderr(): string;
  close(): Promise<void>;
}

export interface EditorBehavior {
  capabilities?: ClientCapabilities;
  args?: string[];
  requestPermission?(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse>;
  elicit?(request: CreateElicitationRequest): Promise<CreateElicitationResponse>;
  read?(request: ReadTextFileRequest): Promise<{ content: string }>;
  write?(request: WriteTextFileRequest): Promise<Record<string, never>>;
}

export const selectOption = (optionId: string): RequestPermissionResponse => ({
  outcome: { outcome: "selected", optionId },
});
export const neverResolves = <T>(): Promise<T> => new Promise(() => undefined);

export function startAgent(home: Home, args: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [bin, "acp", ...args], {
    cwd: home.work,
    env: home.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => undefined);
  return child;
}

/** Starts the agent as a process, with its pipes as streams. */
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

export function recordUpdates<U extends AnyUpdate>(): UpdateRecord<U> & { record(update: U): void } {
  const updates: U[] = [];
  const waiting = new Set<() => void>();
  const ofKind = <K extends U["sessionUpdate"]>(kind: K) =>
    updates.filter((one): one is UpdateOf<U, K> => one.sessionUpdate === kind);
  const waitFor = <T>(find: () => T | undefined): Promise<T> =>
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
    ofKind,
    waitFor,
    update: (kind, fits = () => true) => waitFor(() => ofKind(kind).find(fits)),
    record(update) {
      updates.push(update);
      for (const look of [...waiting]) look();
    },
  };
}

export async function openEditor(home: Home, manner: EditorBehavior = {}): Promise<Editor> {
  const { child, input, output, stderr, end } = agentProcess(home, manner.args);
  const { record, ...recorder } = recordUpdates<SessionUpdate>();
  const permissionRequests: RequestPermissionRequest[] = [];
  const connection: ClientConnection = client({ name: "editor" })
    .onNotification("session/update", ({ params }) => record(params.update))
    .onRequest("session/request_permission", ({ params, signal }) => {
      permissionRequests.push(params);
      return manner.requestPermission?.(params, signal) ?? selectOption("yes");
    })
    .onRequest("elicitation/create", ({ params }) => manner.elicit?.(params) ?? { action: "cancel" })
    .onRequest("fs/read_text_file", ({ params }) => manner.read?.(params) ?? { content: "" })
    .onRequest("fs/write_text_file", ({ params }) => manner.write?.(params) ?? {})
    .connect(ndJsonStream(input, output));
  const { agent } = connection;
  const initializeResult = await agent.request("initialize", {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: "editor", title: "Test Editor", version: "1" },
    ...(manner.capabilities && { clientCapabilities: manner.capabilities }),
  });
  return {
    child,
    agent,
    initializeResult,
    ...recorder,
    text: () =>
      recorder
        .ofKind("agent_message_chunk")
        .map(({ content }) => (content.type === "text" ? content.text : ""))
        .join(""),
    create: (more = {}) => agent.request("session/new", { cwd: home.work, mcpServers: [], ...more }),
    async prompt(sessionId, text) {
      const { stopReason } = await agent.request("session/prompt", { sessionId, prompt: [{ type: "text", text }] });
      return stopReason;
    },
    permissionRequests,
    stderr,
    async close() {
      await end();
      connection.close();
    },
  };
}
