/**
 * Handles the requests of plugins: only for sessions in the plugin's folder, and in its own name. Users and models can be asked only
 * while one of its tools runs, so that the user sees the reason.
 */
import type { z } from "zod";
import { TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import { hostRequests } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import type { Message, Model, ToolCallContext } from "../ports.ts";
import type { Session } from "../session/session.ts";
import { formatContent } from "./tool-results.ts";

export const toPluginAuthor = (name: string): Author => ({ kind: "plugin", id: name, name });

/** MCP's method for sampling. */
export const SAMPLING_METHOD = "sampling/createMessage";

const DEFAULT_PARTS = 50;
const MAX_SHOWN = 2_000;

export interface PluginCaller {
  plugin: string;
  root: string;
  sessions: readonly Session[];
  /** Its running tool calls, newest last. */
  calls: readonly ToolCallContext[];
  openModel(name: string | undefined, cwd: string): Promise<Model>;
  signal: AbortSignal;
}

export async function handlePluginRequest(
  caller: PluginCaller,
  method: string,
  params: unknown,
): Promise<Record<string, unknown>> {
  const findSession = (id: string): Session => {
    const session = caller.sessions.find((session) => session.view().id === id && session.view().cwd === caller.root);
    if (session) return session;
    throw new TuttiError("notFound", `There is no open session ${id} in the folder of this plugin.`);
  };
  switch (method) {
    case "tutti/session/read": {
      const { session, parts = DEFAULT_PARTS } = parseParams(method, params);
      const view = findSession(session).view();
      const { title, cwd, activity } = view;
      const running = activity.state === "running";
      return { title, cwd, running, parts: view.parts.slice(-parts) } satisfies Result<"tutti/session/read">;
    }
    case "tutti/session/prompt": {
      const { session, text } = parseParams(method, params);
      const { prompt } = await findSession(session).prompt(text, [], {}, toPluginAuthor(caller.plugin));
      return { prompt } satisfies Result<"tutti/session/prompt">;
    }
    case "tutti/ui/ask": {
      const { session, title, detail = "", choices, freeText = false } = parseParams(method, params);
      findSession(session);
      const labels = choices.map(({ id, label }) => ({ id, label: printable(label) }));
      const shown = printable(detail, { keepNewlines: true });
      const call = getRunningCall(caller, session);
      const answer = await call.ask(`${caller.plugin} asks: ${printable(title)}`, shown, labels, freeText);
      return { answer } satisfies Result<"tutti/ui/ask">;
    }
    case "tutti/model/complete": {
      const { session, prompt } = parseParams(method, params);
      findSession(session);
      const messages: Message[] = [{ role: "user", content: [{ type: "text", text: prompt }] }];
      const { text } = await complete(caller, getRunningCall(caller, session), "", messages);
      return { text } satisfies Result<"tutti/model/complete">;
    }
    case SAMPLING_METHOD:
      return sample(caller, params);
    default:
      throw new TuttiError("notFound", `Tutti has no method ${method}.`);
  }
}

function getRunningCall({ calls, plugin }: PluginCaller, session?: string): ToolCallContext {
  const call = calls.findLast((call) => session === undefined || call.session === session);
  if (call) return call;
  throw new TuttiError("conflict", `${plugin} can do this only while one of its tools runs.`);
}

/** A response of the session's model, after the user has approved the exact prompt. */
async function complete(
  caller: PluginCaller,
  call: ToolCallContext,
  system: string,
  messages: Message[],
): Promise<{ text: string; model: string }> {
  const prompt = [system, ...messages.map(messageText)].filter((text) => text !== "").join("\n\n");
  const shown = printable(
    prompt.length > MAX_SHOWN ? `${prompt.slice(0, MAX_SHOWN)}… (${prompt.length} characters)` : prompt,
    {
      keepNewlines: true,
    },
  );
  const choices = [
    { id: "yes", label: "Allow" },
    { id: "no", label: "Deny" },
  ];
  const answer = await call.ask(
    `${caller.plugin} wants to send a prompt to the model, at your cost`,
    shown,
    choices,
    false,
  );
  if (answer !== "yes") throw new TuttiError("refused", "The user denied it, or no one was available to approve it.");
  const session = caller.sessions.find((session) => session.view().id === call.session);
  const view = session?.view();
  const model = await caller.openModel(view?.model || undefined, caller.root);
  let text = "";
  for await (const event of model.stream({ system, messages, tools: [] }, caller.signal)) {
    if (event.type === "text") text += event.text;
    if (event.type === "usage" && session && view)
      await session.record(
        { type: "usage.counted", turn: `t${view.turns}`, step: 1, model: model.id, usage: event.usage },
        toPluginAuthor(caller.plugin),
      );
    if (event.type === "stop" && event.reason === "failed") throw new TuttiError("model", event.failure.message);
  }
  return { text, model: model.id };
}

const messageText = (message: Message): string =>
  message.role === "tool"
    ? ""
    : message.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");

async function sample(caller: PluginCaller, params: unknown): Promise<Record<string, unknown>> {
  const { messages, systemPrompt } = (params ?? {}) as { messages?: unknown; systemPrompt?: unknown };
  const list = Array.isArray(messages) ? (messages as { role: string; content: unknown }[]) : [];
  const prompts = list.map(({ role, content }): Message => {
    const parts = [content].flat().map((part) => formatContent(part as { type: string }));
    const text = { type: "text" as const, text: parts.join("\n") };
    return role === "assistant" ? { role, model: caller.plugin, content: [text] } : { role: "user", content: [text] };
  });
  const system = typeof systemPrompt === "string" ? systemPrompt : "";
  const { text, model } = await complete(caller, getRunningCall(caller), system, prompts);
  return { role: "assistant", content: { type: "text", text }, model, stopReason: "endTurn" };
}

type Method = keyof typeof hostRequests;
type Result<M extends Method> = z.infer<(typeof hostRequests)[M]["result"]>;

function parseParams<M extends Method>(
  method: M,
  params: unknown,
): ReturnType<(typeof hostRequests)[M]["params"]["parse"]> {
  const found = hostRequests[method].params.safeParse(params);
  if (found.success) return found.data as ReturnType<(typeof hostRequests)[M]["params"]["parse"]>;
  const [issue] = found.error.issues;
  throw new TuttiError("usage", `${method}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
}
