/** One connection: who it is, what it may, its parameters checked; then the handler. Whatever fails, fails that request alone. */
import { type CancellationToken, createMessageConnection, ErrorCodes, ResponseError } from "vscode-jsonrpc/node";
import type { z } from "zod";
import type { Link } from "../../client/link.ts";
import { errors, TuttiError } from "../../protocol/errors.ts";
import { type Participant, type Role, roles } from "../../protocol/method.ts";
import {
  type Caller,
  type Handlers,
  notifications,
  type ParamsOf,
  type RequestName,
  requests,
} from "../../protocol/methods.ts";
import { toResponse } from "../../protocol/wire-errors.ts";
import type { Brought } from "../plugins/brought.ts";
import type { Held, Holder } from "../workspace/held.ts";
import { transportOf } from "./transport.ts";
import { createWatching, type Watchable } from "./watching.ts";
import type { Wire } from "./wire.ts";

export interface RpcCore {
  version: string;
  handlers: Partial<Handlers>;
  sessions: { open(id: string): Promise<Watchable> };
  held: Pick<Held, "hold" | "give" | "letGo">;
  brought: Pick<Brought, "bring" | "letGo">;
  problems(): Link["problems"];
  /** Ends the server; the answer to the request is sent first. */
  stop(): void;
  /** A handler has ended, well or not. */
  noticed(name: RequestName, params: Record<string, unknown>): void;
  /** A connection began to watch this session, or stopped. */
  watched(session: string): void;
  /** What no handler should have thrown. */
  report(error: unknown): void;
}

/** What is known of the other side before it says a word. */
export interface Peer {
  /** Of this connection alone. */
  id: string;
  author: Caller["author"];
  role: Role;
}

export interface Connection {
  /** Null until `initialize` was answered. */
  caller(): Caller | null;
  watching(): string[];
  /** Null until `initialize` was answered. */
  participant(): Participant | null;
  /** Says who watches a session, where it is watched here. */
  present(session: string, participants: readonly Participant[]): void;
  /** Says that the server goes by another configuration. */
  configured(): void;
  /** A session that was let go of lives again: who watched it here sees it whole, and goes on. */
  renew(id: string, session: Watchable): void;
  close(): void;
  closed: Promise<void>;
}

/** `LSPErrorCodes.RequestCancelled`: what clients of this protocol family expect of a request that they gave up. */
const CANCELLED = -32800;
const PROTOCOL = 1;

const named = new Map(Object.entries(requests).map(([key, row]) => [row.name as string, key as RequestName]));

export function serveConnection(wire: Wire, core: RpcCore, peer: Peer): Connection {
  const { reader, writer } = transportOf(wire);
  const connection = createMessageConnection(reader, writer);
  const watching = createWatching(wire, (session) => core.watched(session));
  let caller: Caller | null = null;
  let participant: Participant | null = null;

  const holder: Holder = {
    want: (wanted) => void connection.sendNotification(notifications.documentsWanted.type, wanted),
  };

  /** What is under way; nobody waits for it any more when the connection is gone. */
  const under = new Set<AbortController>();
  const letGo = (): void => {
    for (const given of under) given.abort();
    core.held.letGo(holder);
    core.brought.letGo(holder);
  };

  const own = {
    initialize({ client, answers = false }: ParamsOf<"initialize">) {
      const name = peer.author.name || client.name;
      caller = { author: { ...peer.author, name }, role: peer.role, answers };
      participant = { id: peer.id, name, client: client.name, role: peer.role };
      const server = { name: "tutti", version: core.version };
      return { protocol: PROTOCOL, server, role: peer.role, problems: [...core.problems()] };
    },
    async sessionWatch({ session, parts }: ParamsOf<"sessionWatch">) {
      return { view: watching.start(session, await core.sessions.open(session), parts) };
    },
    sessionUnwatch({ session }: ParamsOf<"sessionUnwatch">) {
      watching.stop(session);
      return {};
    },
    documentsHold(what: ParamsOf<"documentsHold">) {
      core.held.hold(holder, what);
      return {};
    },
    documentsGive(answer: ParamsOf<"documentsGive">) {
      core.held.give(holder, answer);
      return {};
    },
    pluginsBring(what: ParamsOf<"pluginsBring">) {
      return { source: core.brought.bring(holder, participant?.client ?? "", what) };
    },
    serverStop() {
      setImmediate(core.stop);
      return {};
    },
  };

  const answer = async (method: string, raw: unknown, given: AbortSignal): Promise<unknown> => {
    if (method === "initialize" ? caller !== null : caller === null)
      throw new TuttiError("notInitialized", notInitialized(caller));
    const key = named.get(method);
    if (key === undefined) throw new ResponseError(ErrorCodes.MethodNotFound, `There is no method ${shown(method)}.`);
    allow(key, peer.role);
    if (key === "initialize") checkVersion(raw);
    const params = check(key, raw);
    const mine = (own as Record<string, ((params: unknown) => unknown) | undefined>)[key];
    if (mine) return mine(params);
    const handler = (core.handlers as Record<string, unknown>)[key];
    if (typeof handler !== "function")
      throw new ResponseError(ErrorCodes.MethodNotFound, `This server has no ${method} yet.`);
    try {
      return await handler(params, caller, given);
    } finally {
      core.noticed(key, params as Record<string, unknown>);
    }
  };

  connection.onRequest(async (method, raw, token) => {
    const given = new AbortController();
    under.add(given);
    try {
      return await orCancelled(answer(method, raw, given.signal), token as CancellationToken, given);
    } catch (error) {
      const named = error instanceof TuttiError || error instanceof ResponseError;
      if (!named && !given.signal.aborted) core.report(error);
      return toResponse(error);
    } finally {
      under.delete(given);
    }
  });
  connection.onClose(() => {
    watching.stopAll();
    letGo();
  });
  connection.listen();
  return {
    caller: () => caller,
    watching: watching.ids,
    participant: () => participant,
    present: watching.present,
    configured() {
      if (caller) void connection.sendNotification(notifications.serverConfigured.type, {});
    },
    renew: watching.renew,
    close: () => wire.close(),
    closed: wire.closed.then(() => {
      watching.stopAll();
      letGo();
      connection.dispose();
    }),
  };
}

const notInitialized = (caller: Caller | null): string =>
  caller
    ? "`initialize` was called already; it comes once."
    : `${errors.notInitialized.means[0]?.toUpperCase()}${errors.notInitialized.means.slice(1)}.`;

function allow(key: RequestName, role: Role): void {
  const least: Role = requests[key].role ?? "owner";
  if (roles.indexOf(role) >= roles.indexOf(least)) return;
  throw new TuttiError("forbidden", `${requests[key].name} needs the role ${least}, and you are ${role}.`, {
    role: least,
  });
}

function checkVersion(raw: unknown): void {
  const asked = (raw as { protocol?: unknown } | null | undefined)?.protocol;
  if (asked === PROTOCOL || asked === undefined) return;
  throw new TuttiError(
    "usage",
    `This server speaks version ${PROTOCOL} of the protocol and the client ${shown(asked)}; update the older of the two.`,
    { protocol: PROTOCOL },
  );
}

function check(key: RequestName, raw: unknown): unknown {
  const parsed = (requests[key].params as z.ZodType).safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `\`${shown(issue.path.join("."))}\`` : "its parameters";
  throw new TuttiError(
    "usage",
    `${requests[key].name} cannot read ${where}: ${issue?.message ?? "not as documented"}.`,
  );
}

const shown = (value: unknown): string => String(typeof value === "object" ? typeof value : value).slice(0, 100);

/** A request that is given up is answered at once; what it had set going may still happen, and is seen in the events. */
function orCancelled(work: Promise<unknown>, token: CancellationToken, given: AbortController): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const cancelled = token.onCancellationRequested(() => {
      resolve(new ResponseError(CANCELLED, "The client gave this request up."));
      given.abort();
    });
    work.then(resolve, reject).finally(() => cancelled.dispose());
  });
}
