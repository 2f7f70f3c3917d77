/**
 * Every request and notification, as typed constants that both ends use. Paths are absolute. Commands are acknowledged; what becomes
 * of them arrives as `session/event`.
 */
import { NotificationType } from "vscode-jsonrpc";
import { z } from "zod";
import { completionMethods } from "./completion-methods.ts";
import { documentMethods, documentNotifications } from "./document-methods.ts";
import { editMethods } from "./edit-methods.ts";
import { type author, envelope, failure } from "./events.ts";
import { type Participant, participant, type Role, session, view } from "./method.ts";
import { pluginMethods } from "./plugin-methods.ts";
import { serverRequests } from "./server-methods.ts";
import { sessionRequests, type settings, type summary } from "./session-methods.ts";
import { trustRequests } from "./trust-methods.ts";
import type { SessionView } from "./view.ts";
import { workspaceRequests } from "./workspace-methods.ts";

export const requests = {
  ...serverRequests,
  ...workspaceRequests,
  ...trustRequests,
  ...pluginMethods,
  ...editMethods,
  ...documentMethods,
  ...completionMethods,
  ...sessionRequests,
};

export const notifications = {
  sessionEvent: {
    doc: "One event of a watched session.",
    params: z.object({ session, envelope }),
    type: new NotificationType<{ session: string; envelope: z.infer<typeof envelope> }>("session/event"),
  },
  sessionSnapshot: {
    doc: "Sent to a watcher that fell 1 MiB behind, instead of what it missed: the view, with as many `parts` as it had asked for. Events go on from `view.seq + 1`.",
    params: z.object({ session, view }),
    type: new NotificationType<{ session: string; view: SessionView }>("session/snapshot"),
  },
  sessionPresence: {
    doc: "Who watches a session: to each of them when one comes or goes, and to a new one after its view. It is no event, for the log holds what happened in a session, and being watched changes nothing in it.",
    params: z.object({ session, participants: z.array(participant) }),
    type: new NotificationType<{ session: string; participants: Participant[] }>("session/presence"),
  },
  sessionLost: {
    doc: "A turn has stopped, but its end cannot be written: what was watched so far is all there is until the session is opened again.",
    params: z.object({ session, failure }),
    type: new NotificationType<{ session: string; failure: z.infer<typeof failure> }>("session/lost"),
  },
  serverConfigured: {
    doc: "The server took up a configuration file that was changed, or a plugin changed what it contributes: what `config/get`, `plugins/list` and the lists of contributions say may be another by now.",
    params: z.object({}),
    type: new NotificationType<Record<string, never>>("server/configured"),
  },
  ...documentNotifications,
} as const;

export type Settings = z.infer<typeof settings>;
export type Summary = z.infer<typeof summary>;

export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type ParamsOf<K extends RequestName> = z.infer<Requests[K]["params"]>;
export type ResultOf<K extends RequestName> = z.infer<Requests[K]["result"]>;

/** Who calls: what they may do, and the name that stands on what they do. */
export interface Caller {
  author: z.infer<typeof author>;
  role: Role;
  /** True where this caller can be asked questions. */
  answers: boolean;
}

/** A method without a handler does not compile. `initialize`, watching and the like belong to a connection, not to the core. */
export type ConnectionMethod =
  | "initialize"
  | "sessionWatch"
  | "sessionUnwatch"
  | "serverStop"
  | "documentsHold"
  | "documentsGive"
  | "pluginsBring";
export type Handlers = {
  /** `given` tells that the caller gave the request up, where it can be. */
  [K in Exclude<RequestName, ConnectionMethod>]: (
    params: ParamsOf<K>,
    who: Caller,
    given?: AbortSignal,
  ) => Promise<ResultOf<K>>;
};
