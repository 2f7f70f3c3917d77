/** The host as plugin code sees it: notifies and asks the user, and reads or prompts a session of Tutti. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { type Notification, type Request, ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { hostRequests, type pluginNotifications } from "../../protocol/plugin.ts";

type HostMethod = keyof typeof hostRequests;
type HostParams<M extends HostMethod> = z.infer<(typeof hostRequests)[M]["params"]>;
type HostResult<M extends HostMethod> = Promise<z.infer<(typeof hostRequests)[M]["result"]>>;
type NotificationParams<M extends keyof typeof pluginNotifications> = z.infer<
  (typeof pluginNotifications)[M]["params"]
>;

/** A form field that an MCP elicitation supports. */
type PrimitiveField = z.ZodString | z.ZodNumber | z.ZodBoolean | z.ZodEnum;
type Field = PrimitiveField | z.ZodOptional<PrimitiveField> | z.ZodDefault<PrimitiveField>;

/** The host, at any time. Requests reject if the host does not know them, or does not allow them to the plugin. */
export interface Host {
  /** Shows a line to the user, with the name of the plugin. Other hosts ignore it. */
  notify(text: string, level?: NotificationParams<"tutti/notify">["level"]): Promise<void>;
  /** Announces that a contribution of the plugin has changed. */
  changed(contribution: NotificationParams<"tutti/changed">["what"]): Promise<void>;
  /** Reads the conversation of a session. */
  read(request: HostParams<"tutti/session/read">): HostResult<"tutti/session/read">;
  /** Queues a prompt in a session, in the plugin's name. */
  prompt(request: HostParams<"tutti/session/prompt">): HostResult<"tutti/session/prompt">;
  /** Asks the user of a session; `answer` is null if no one answers. */
  ask(request: HostParams<"tutti/ui/ask">): HostResult<"tutti/ui/ask">;
  /** Requests one response from a session's model; counts towards its budget. */
  complete(request: HostParams<"tutti/model/complete">): HostResult<"tutti/model/complete">;
}

/** The host during one request. */
export interface Context extends Host {
  /** Aborted when the host no longer waits for the response. */
  readonly signal: AbortSignal;
  /** Reports progress, if the host requested it: shown as the output of the call while it runs. */
  progress(done: number, total?: number, message?: string): Promise<void>;
  /** Asks the user to fill in a form; null if they decline or the host does not support forms. */
  elicit<F extends Record<string, Field>>(message: string, fields: F): Promise<z.output<z.ZodObject<F>> | null>;
}

type Send = (request: Request) => Promise<unknown>;
type Notify = (notification: Notification) => Promise<void>;

const createHost = (send: Send, notify: Notify): Host => {
  const call = async <M extends HostMethod>(method: M, params: HostParams<M>): HostResult<M> =>
    hostRequests[method].result.parse(await send({ method, params })) as Awaited<HostResult<M>>;
  return {
    notify: (text, level = "info") => notify({ method: "tutti/notify", params: { level, text } }),
    changed: (contribution) => notify({ method: "tutti/changed", params: { what: contribution } }),
    read: (request) => call("tutti/session/read", request),
    prompt: (request) => call("tutti/session/prompt", request),
    ask: (request) => call("tutti/ui/ask", request),
    complete: (request) => call("tutti/model/complete", request),
  };
};

/** Requests to users never time out; only the host ends them. */
const USER_TIMEOUT_MS = 2_147_483_647;

/** The host of a connection. Messages wait until the host has initialized. */
export function createServerHost(server: Server): Host {
  const ready = new Promise<void>((initialized) => {
    server.oninitialized = initialized;
  });
  return createHost(
    async (request) => {
      await ready;
      return server.request(request, ResultSchema, { timeout: USER_TIMEOUT_MS });
    },
    async (notification) => {
      await ready;
      await server.notification(notification);
    },
  );
}

export type Extra = RequestHandlerExtra<Request, Notification>;

export function createContext(server: Server, extra: Extra): Context {
  const options = { timeout: USER_TIMEOUT_MS, signal: extra.signal };
  const send: Send = (request) => extra.sendRequest(request, ResultSchema, options);
  const token = extra._meta?.progressToken;
  return {
    // Sent on the server, not on the request: notifications after a cancelled request would be dropped.
    ...createHost(send, (notification) => server.notification(notification)),
    signal: extra.signal,
    async progress(done, total, message) {
      if (token === undefined) return;
      const params = {
        progressToken: token,
        progress: done,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message }),
      };
      await extra.sendNotification({ method: "notifications/progress", params });
    },
    async elicit(message, fields) {
      if (!server.getClientCapabilities()?.elicitation) return null;
      const form = z.object(fields);
      const { $schema: _, additionalProperties: __, ...requestedSchema } = z.toJSONSchema(form, { io: "input" });
      const request = { method: "elicitation/create", params: { message, requestedSchema } };
      const { action, content } = elicitResult.parse(await send(request));
      return action === "accept" ? form.parse(content ?? {}) : null;
    },
  };
}

const elicitResult = z.object({
  action: z.enum(["accept", "decline", "cancel"]),
  content: z.record(z.string(), z.unknown()).optional(),
});
