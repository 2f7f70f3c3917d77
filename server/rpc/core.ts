/** Serves one connection: checks the caller's role and the parameters, then calls the handler. A failure affects only its request. */
import { type CancellationToken, createMessageConnection, ErrorCodes, ResponseError } from "vscode-jsonrpc/node";
import type { z } from "zod";
import { errors, TuttiError } from "../../protocol/errors.ts";
import type { Link } from "../../protocol/link.ts";
import { type Role, roles } from "../../protocol/method.ts";
import {
  type AllHandlers,
  type Caller,
  type ConnectionHandlers,
  type Handlers,
  notifications,
  type ParamsOf,
  type RequestName,
  type ResultOf,
  requests,
  type ShareMethod,
  type WebMethod,
} from "../../protocol/methods.ts";
import { toResponse } from "../../protocol/wire-errors.ts";
import type { ClientPlugins } from "../plugins/client-plugins.ts";
import type { TogetherHandlers } from "../together/handlers.ts";
import { createJsonRpcStreams } from "../transport/json-rpc-streams.ts";
import type { Transport } from "../transport/transport.ts";
import type { DocumentClient, OpenDocuments } from "../workspace/open-documents.ts";
import { callHandler } from "./in-process.ts";
import { createParticipantState } from "./participant-state.ts";
import type { Presence, Watcher } from "./presence.ts";
import { createSubscriptions, type WatchableSession } from "./subscriptions.ts";

export interface RpcCore {
  version: string;
  handlers: Handlers;
  shareHandlers: Pick<AllHandlers, ShareMethod>;
  webHandlers: Pick<AllHandlers, WebMethod>;
  togetherHandlers: TogetherHandlers;
  sessions: { open(id: string): Promise<WatchableSession> };
  openDocuments: Pick<OpenDocuments, "claim" | "respond" | "release">;
  clientPlugins: Pick<ClientPlugins, "register" | "release">;
  problems(): Link["problems"];
  status(): ResultOf<"serverStatus">;
  /** Ends the server; the response to the request is sent first. */
  stop(): void;
  presence: Pick<Presence, "add" | "remove" | "update">;
  /** Reports an unexpected error of a handler. */
  report(error: unknown): void;
}

/** What is known about a client before its first message. */
export interface Peer {
  /** Unique to this connection. */
  id: string;
  author: Caller["author"];
  role: Role;
  /** The shared session that this guest has joined: it counts as one of its watchers. Its events come through the hub. */
  guestOf?: string;
  /** The link of this guest. */
  invite?: string;
  scope?: Scope;
}

/** Limits what one peer may call, beyond its role. Both throw a `TuttiError` (forbidden). */
export interface Scope {
  /** Before the parameters are looked at. */
  checkMethod(method: RequestName): void;
  checkParams<K extends RequestName>(method: K, params: ParamsOf<K>): void;
}

export interface Connection {
  /** Null until `initialize` was called. */
  caller(): Caller | null;
  sendConfigChanged(): void;
  sendStopping(): void;
  /** Replaces a session that was closed and opened again: if it is watched here, its whole view is sent and events continue. */
  replaceSession(id: string, session: WatchableSession): void;
  close(): void;
  closed: Promise<void>;
}

/** `LSPErrorCodes.RequestCancelled`: the code that clients expect for a cancelled request. */
const CANCELLED = -32800;
const PROTOCOL = 1;

const methodNames = new Map(Object.entries(requests).map(([key, row]) => [row.name as string, key as RequestName]));

export function serveConnection(transport: Transport, core: RpcCore, peer: Peer): Connection {
  const { reader, writer } = createJsonRpcStreams(transport);
  const connection = createMessageConnection(reader, writer);
  let caller: Caller | null = null;
  const subscriptions = createSubscriptions(transport, {
    started: (session) => core.presence.add(session, watcher),
    stopped: (session) => core.presence.remove(session, watcher),
  });
  const participant = createParticipantState((session) => core.presence.update(session, watcher));
  const watcher: Watcher = { participant: participant.get, sendPresence: subscriptions.sendPresence };

  const documentClient: DocumentClient = {
    request: (request) => void connection.sendNotification(notifications.documentRequested.type, request),
  };

  /** Requests in progress: they are aborted when the connection closes. */
  const running = new Set<AbortController>();
  let isReleased = false;
  const release = (): void => {
    if (isReleased) return;
    isReleased = true;
    subscriptions.stopAll();
    participant.close();
    if (peer.guestOf !== undefined) core.presence.remove(peer.guestOf, watcher);
    for (const request of running) request.abort();
    core.openDocuments.release(documentClient);
    core.clientPlugins.release(documentClient);
  };

  const connectionHandlers: Omit<ConnectionHandlers, ShareMethod | WebMethod | keyof TogetherHandlers> = {
    async initialize({ client, answers = false }) {
      const name = peer.author.name || client.name;
      const { role, invite } = peer;
      caller = { author: { ...peer.author, name }, role, answers, ...(invite !== undefined && { invite }) };
      participant.initialize({ id: peer.id, name, client: client.name, role });
      if (peer.guestOf !== undefined) core.presence.add(peer.guestOf, watcher);
      const server = { name: "tutti", version: core.version };
      return { protocol: PROTOCOL, server, role, participant: peer.id, problems: [...core.problems()] };
    },
    async sessionWatch({ session, parts }) {
      return subscriptions.start(session, await core.sessions.open(session), parts);
    },
    async sessionUnwatch({ session }) {
      subscriptions.stop(session);
      return {};
    },
    async presenceUpdate(update) {
      participant.update(update);
      return {};
    },
    async documentClaim(claim) {
      core.openDocuments.claim(documentClient, claim);
      return {};
    },
    async documentRespond(response) {
      core.openDocuments.respond(documentClient, response);
      return {};
    },
    async pluginsRegister(registration) {
      return { source: core.clientPlugins.register(documentClient, participant.get()?.client ?? "", registration) };
    },
    serverStatus: async () => core.status(),
    async serverStop() {
      setImmediate(core.stop);
      return {};
    },
  };
  const ofServer = { ...core.handlers, ...core.shareHandlers, ...core.webHandlers, ...core.togetherHandlers };
  const handlers: AllHandlers = { ...ofServer, ...connectionHandlers };
  /** Before `initialize`, which is then the only method that can be called. */
  const unnamed: Caller = { author: peer.author, role: peer.role, answers: false };

  const dispatch = async (method: string, raw: unknown, signal: AbortSignal): Promise<unknown> => {
    if (method === "initialize" && caller) throw alreadyInitialized();
    if (method !== "initialize" && !caller) throw notInitialized();
    const key = methodNames.get(method);
    if (key === undefined) throw new ResponseError(ErrorCodes.MethodNotFound, `Unknown method ${excerpt(method)}.`);
    checkRole(key, peer.role);
    peer.scope?.checkMethod(key);
    if (key === "initialize") checkVersion(raw);
    const params = checkParams(key, raw);
    peer.scope?.checkParams(key, params);
    return callHandler(handlers, key, params, caller ?? unnamed, signal);
  };

  connection.onRequest(async (method, raw, token) => {
    const request = new AbortController();
    running.add(request);
    try {
      return await rejectWhenCancelled(dispatch(method, raw, request.signal), token as CancellationToken, request);
    } catch (error) {
      const isExpected = error instanceof TuttiError || error instanceof ResponseError;
      if (!isExpected && !request.signal.aborted) core.report(error);
      return toResponse(error);
    } finally {
      running.delete(request);
    }
  });
  connection.onClose(release);
  connection.listen();
  return {
    caller: () => caller,
    sendConfigChanged() {
      if (caller) void connection.sendNotification(notifications.configChanged.type, {});
    },
    sendStopping() {
      if (caller) connection.sendNotification(notifications.serverStopping.type, {}).catch(() => undefined);
    },
    replaceSession: subscriptions.replaceSession,
    close: () => transport.close(),
    closed: transport.closed.then(() => {
      release();
      connection.dispose();
    }),
  };
}

const alreadyInitialized = (): TuttiError =>
  new TuttiError("notInitialized", "`initialize` was already called; call it once per connection.");

const notInitialized = (): TuttiError =>
  new TuttiError("notInitialized", `${errors.notInitialized.description}; every other method requires it.`);

function checkRole(key: RequestName, role: Role): void {
  const required: Role = requests[key].role ?? "owner";
  if (roles.indexOf(role) >= roles.indexOf(required)) return;
  throw new TuttiError("forbidden", `${requests[key].name} requires the role ${required}; your role is ${role}.`, {
    role: required,
  });
}

function checkVersion(raw: unknown): void {
  const requested = (raw as { protocol?: unknown } | null | undefined)?.protocol;
  if (requested === PROTOCOL || requested === undefined) return;
  throw new TuttiError(
    "usage",
    `The server supports protocol version ${PROTOCOL}, the client ${excerpt(requested)}. Update the older one.`,
    { protocol: PROTOCOL },
  );
}

const schemas: { [K in RequestName]: { params: z.ZodType<ParamsOf<K>> } } = requests;

function checkParams<K extends RequestName>(key: K, raw: unknown): ParamsOf<K> {
  const parsed = schemas[key].params.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `\`${excerpt(issue.path.join("."))}\`` : "parameters";
  throw new TuttiError(
    "usage",
    `${requests[key].name}: invalid ${where}: ${issue?.message ?? "see docs/protocol.md"}.`,
  );
}

const excerpt = (value: unknown): string => String(typeof value === "object" ? typeof value : value).slice(0, 100);

/** Responds to a cancelled request at once; its effects may still happen, and arrive as events. */
function rejectWhenCancelled(
  work: Promise<unknown>,
  token: CancellationToken,
  request: AbortController,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const cancelled = token.onCancellationRequested(() => {
      resolve(new ResponseError(CANCELLED, "The client cancelled this request."));
      request.abort();
    });
    work.then(resolve, reject).finally(() => cancelled.dispose());
  });
}
