/**
 * Every request and notification, as typed constants that both ends use. Paths are absolute. A command is acknowledged at once; what
 * becomes of it arrives as `session/event`.
 */
import { NotificationType } from "vscode-jsonrpc";
import { z } from "zod";
import { completionRequests } from "./completion-methods.ts";
import { definitionRequests } from "./definition-methods.ts";
import { documentNotifications, documentRequests } from "./document-methods.ts";
import { editRequests } from "./edit-methods.ts";
import { type author, envelope, failure } from "./events.ts";
import { importRequests } from "./import-methods.ts";
import { type Participant, participant, type Role, session, viewSchema } from "./method.ts";
import type { PresenceChange } from "./participants.ts";
import { pluginRequests } from "./plugin-methods.ts";
import { reviewRequests } from "./review-methods.ts";
import { routeRequests } from "./route-methods.ts";
import { serverRequests } from "./server-methods.ts";
import { sessionRequests, type summary } from "./session-methods.ts";
import { shareRequests } from "./share-methods.ts";
import { statsRequests } from "./stats-methods.ts";
import { togetherRequests } from "./together-methods.ts";
import { trustRequests } from "./trust-methods.ts";
import type { SessionView } from "./view.ts";
import { webRequests } from "./web-methods.ts";
import { workspaceRequests } from "./workspace-methods.ts";

export const requests = {
  ...serverRequests,
  ...workspaceRequests,
  ...trustRequests,
  ...pluginRequests,
  ...definitionRequests,
  ...importRequests,
  ...editRequests,
  ...documentRequests,
  ...completionRequests,
  ...sessionRequests,
  ...statsRequests,
  ...routeRequests,
  ...reviewRequests,
  ...shareRequests,
  ...togetherRequests,
  ...webRequests,
};

export const notifications = {
  sessionEvent: {
    doc: "One event of a watched session.",
    params: z.object({ session, envelope }),
    type: new NotificationType<{ session: string; envelope: z.infer<typeof envelope> }>("session/event"),
  },
  sessionSnapshot: {
    doc: "Sent to a watcher that fell 1 MiB behind, in place of the events it missed: the view, with as many `parts` as it asked for. Events continue from `view.seq + 1`.",
    params: z.object({ session, view: viewSchema }),
    type: new NotificationType<{ session: string; view: SessionView }>("session/snapshot"),
  },
  sessionPresence: {
    doc: "Who watches a session: sent to a new watcher after its view, and to one that fell behind. At most 100 `participants` are listed: those with the role approver first, then by role, and among equals those who have watched longest. `count` is the number of all; it is absent from older servers, which list everyone and send this at each change. It is not an event: watching changes nothing in the log.",
    params: z.object({ session, participants: z.array(participant), count: z.number().optional() }),
    type: new NotificationType<{ session: string; participants: Participant[]; count?: number }>("session/presence"),
  },
  sessionPresenceChanged: {
    doc: "How the participants of the last `session/presence` have changed: take away those with the ids `removed`, then append those `added`; those `changed` do something else, such as typing. `count` is the number of all who watch now. Beyond 100, someone may be removed because another one came who is listed first, and added because another one left. Many changes of a large session are sent as one.",
    params: z.object({
      session,
      count: z.number(),
      added: z.array(participant),
      removed: z.array(z.string()),
      changed: z.array(participant).optional(),
    }),
    type: new NotificationType<{ session: string } & PresenceChange>("session/presenceChanged"),
  },
  sessionFailed: {
    doc: "A turn has stopped, but its end cannot be written. No further event of it will come until the session is opened again.",
    params: z.object({ session, failure }),
    type: new NotificationType<{ session: string; failure: z.infer<typeof failure> }>("session/failed"),
  },
  configChanged: {
    doc: "The server applied a changed configuration file, or a plugin changed what it contributes. Read `config/get`, `plugins/list` and the lists of contributions again.",
    params: z.object({}),
    type: new NotificationType<Record<string, never>>("config/changed"),
  },
  serverStopping: {
    doc: "The server is stopping because a user or the system requested it. Do not start it again until the user acts.",
    params: z.object({}),
    type: new NotificationType<Record<string, never>>("server/stopping"),
  },
  ...documentNotifications,
} as const;

export type Summary = z.infer<typeof summary>;

export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type ParamsOf<K extends RequestName> = z.infer<Requests[K]["params"]>;
export type ResultOf<K extends RequestName> = z.infer<Requests[K]["result"]>;

/** Who calls, what they may do, and the author of the events that they cause. */
export interface Caller {
  author: z.infer<typeof author>;
  role: Role;
  /** True where this client can show questions to a person. */
  answers: boolean;
  /** The link of a guest. */
  invite?: string;
}

/** Methods that concern one connection, and are handled by it. */
export type ConnectionMethod =
  | "initialize"
  | "sessionWatch"
  | "sessionUnwatch"
  | "serverStatus"
  | "serverStop"
  | "documentClaim"
  | "documentRespond"
  | "pluginsRegister"
  | WebMethod
  | ShareMethod
  | TogetherMethod;

/** Methods about sharing, which needs a server that outlives its clients. */
export type ShareMethod = keyof typeof shareRequests;

/** Methods about the web page, which only such a server serves. */
export type WebMethod = keyof typeof webRequests;

/** Methods about several people in one session. */
export type TogetherMethod = keyof typeof togetherRequests;

/** `signal` fires when the caller cancels the request. */
export type Handler<K extends RequestName> = (
  params: ParamsOf<K>,
  caller: Caller,
  signal: AbortSignal,
) => Promise<ResultOf<K>>;

/** A method without a handler does not compile: a server needs every one of these. */
export type AllHandlers = { [K in RequestName]: Handler<K> };
export type Handlers = Omit<AllHandlers, ConnectionMethod>;
export type ConnectionHandlers = Pick<AllHandlers, ConnectionMethod>;
