/** What a plugin may do besides answering: tell the person, ask one, and look at or prompt a session of Tutti. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { type Notification, type Request, ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { hostRequests, type pluginNotifications } from "../../protocol/plugin.ts";

type HostMethod = keyof typeof hostRequests;
type Asked<M extends HostMethod> = z.infer<(typeof hostRequests)[M]["params"]>;
type Answered<M extends HostMethod> = Promise<z.infer<(typeof hostRequests)[M]["result"]>>;
type Told<M extends keyof typeof pluginNotifications> = z.infer<(typeof pluginNotifications)[M]["params"]>;

/** A field of a form: what an elicitation of MCP can ask for. */
type Plain = z.ZodString | z.ZodNumber | z.ZodBoolean | z.ZodEnum;
type Field = Plain | z.ZodOptional<Plain> | z.ZodDefault<Plain>;

/** The host, at any time. Its requests reject where the host does not know them or has not granted them to the plugin. */
export interface Host {
  /** A line for the person, named after the plugin. Other hosts ignore it. */
  notify(text: string, level?: Told<"tutti/notify">["level"]): Promise<void>;
  /** Something that the plugin contributes is different now. */
  changed(what: Told<"tutti/changed">["what"]): Promise<void>;
  /** What was said in a session so far. */
  read(request: Asked<"tutti/session/read">): Answered<"tutti/session/read">;
  /** Queues a prompt in a session, by the plugin's name. */
  prompt(request: Asked<"tutti/session/prompt">): Answered<"tutti/session/prompt">;
  /** Asks a person in a session; `answer` is null where nobody answers. */
  ask(request: Asked<"tutti/ui/ask">): Answered<"tutti/ui/ask">;
  /** One answer of a session's model, drawn from its budget. */
  complete(request: Asked<"tutti/model/complete">): Answered<"tutti/model/complete">;
}

/** The host while one request is answered. */
export interface Context extends Host {
  /** Aborted when the host no longer waits for the answer. */
  readonly signal: AbortSignal;
  /** How far it is, where the host wants to know: shown as the output of the call while it runs. */
  progress(done: number, total?: number, message?: string): Promise<void>;
  /** Asks the person to fill in a form, in any host that can; null where they decline or the host cannot. */
  elicit<F extends Record<string, Field>>(message: string, fields: F): Promise<z.output<z.ZodObject<F>> | null>;
}

type Send = (request: Request) => Promise<unknown>;
type Tell = (notification: Notification) => Promise<void>;

const hostOf = (send: Send, tell: Tell): Host => {
  const ask = async <M extends HostMethod>(method: M, params: Asked<M>): Answered<M> =>
    hostRequests[method].result.parse(await send({ method, params })) as Awaited<Answered<M>>;
  return {
    notify: (text, level = "info") => tell({ method: "tutti/notify", params: { level, text } }),
    changed: (what) => tell({ method: "tutti/changed", params: { what } }),
    read: (request) => ask("tutti/session/read", request),
    prompt: (request) => ask("tutti/session/prompt", request),
    ask: (request) => ask("tutti/ui/ask", request),
    complete: (request) => ask("tutti/model/complete", request),
  };
};

/** A person may take their time: what waits for one is not given up by a clock, only when the host ends the request. */
const PATIENCE_MS = 2_147_483_647;

/** The host at any time; what is said before it is ready for that waits until it is. */
export function hostBehind(server: Server): Host {
  const ready = new Promise<void>((initialized) => {
    server.oninitialized = initialized;
  });
  return hostOf(
    async (request) => {
      await ready;
      return server.request(request, ResultSchema, { timeout: PATIENCE_MS });
    },
    async (notification) => {
      await ready;
      await server.notification(notification);
    },
  );
}

export type Extra = RequestHandlerExtra<Request, Notification>;

export function contextOf(server: Server, extra: Extra): Context {
  const options = { timeout: PATIENCE_MS, signal: extra.signal };
  const send: Send = (request) => extra.sendRequest(request, ResultSchema, options);
  const token = extra._meta?.progressToken;
  return {
    // Not by way of the request: what is said after it was given up would be lost.
    ...hostOf(send, (notification) => server.notification(notification)),
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
      const { action, content } = elicited.parse(await send(request));
      return action === "accept" ? form.parse(content ?? {}) : null;
    },
  };
}

const elicited = z.object({
  action: z.enum(["accept", "decline", "cancel"]),
  content: z.record(z.string(), z.unknown()).optional(),
});
