/**
 * What a plugin may ask of Tutti: only of sessions in the folder that it runs for, and only by its own name. People and models are
 * asked while one of its tools runs, so that whoever is asked sees for what.
 */
import { TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import type { Settings } from "../../protocol/methods.ts";
import { hostRequests } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import type { CallWorld, Message, Model } from "../ports.ts";
import type { Session } from "../session/session.ts";
import { textOf } from "./results.ts";

export const pluginAuthor = (name: string): Author => ({ kind: "plugin", id: name, name });

/** MCP's own way to ask for an answer of a model. */
export const SAMPLE = "sampling/createMessage";

const PARTS = 50;
const SHOWN = 2_000;

export interface Asker {
  plugin: string;
  root: string;
  sessions: readonly Session<Settings>[];
  /** Of its tools, those that run; newest last. */
  calls: readonly CallWorld[];
  modelAt(name: string | undefined, cwd: string): Promise<Model>;
  signal: AbortSignal;
}

export async function askedByPlugin(asker: Asker, method: string, params: unknown): Promise<Record<string, unknown>> {
  const here = (id: string): Session<Settings> => {
    const session = asker.sessions.find((one) => one.view().id === id && one.view().cwd === asker.root);
    if (session) return session;
    throw new TuttiError("notFound", `There is no open session ${id} in the folder of this plugin.`);
  };
  switch (method) {
    case "tutti/session/read": {
      const { session, parts = PARTS } = read(method, params);
      const view = here(session).view();
      const { title, cwd, activity } = view;
      return { title, cwd, running: activity.state === "running", parts: view.parts.slice(-parts) };
    }
    case "tutti/session/prompt": {
      const { session, text } = read(method, params);
      const { prompt } = await here(session).prompt(text, [], {}, pluginAuthor(asker.plugin));
      return { prompt };
    }
    case "tutti/ui/ask": {
      const { session, title, detail = "", choices, freeText = false } = read(method, params);
      here(session);
      const labels = choices.map(({ id, label }) => ({ id, label: printable(label) }));
      const shown = printable(detail, { keepNewlines: true });
      const call = running(asker, session);
      return { answer: await call.ask(`${asker.plugin} asks: ${printable(title)}`, shown, labels, freeText) };
    }
    case "tutti/model/complete": {
      const { session, prompt } = read(method, params);
      here(session);
      const messages: Message[] = [{ role: "user", content: [{ type: "text", text: prompt }] }];
      return { text: (await complete(asker, running(asker, session), "", messages)).text };
    }
    case SAMPLE:
      return sample(asker, params);
    default:
      throw new TuttiError("notFound", `Tutti has no method ${method}.`);
  }
}

function running({ calls, plugin }: Asker, session?: string): CallWorld {
  const call = calls.findLast((one) => session === undefined || one.session === session);
  if (call) return call;
  throw new TuttiError("conflict", `${plugin} can ask this while one of its tools runs.`);
}

/** One answer of the session's model, where a person says yes to the very words. */
async function complete(
  asker: Asker,
  call: CallWorld,
  system: string,
  messages: Message[],
): Promise<{ text: string; model: string }> {
  const words = [system, ...messages.map(spoken)].filter((text) => text !== "").join("\n\n");
  const shown = printable(words.length > SHOWN ? `${words.slice(0, SHOWN)}… (${words.length} characters)` : words, {
    keepNewlines: true,
  });
  const choices = [
    { id: "yes", label: "Yes, ask the model" },
    { id: "no", label: "No" },
  ];
  const answer = await call.ask(`${asker.plugin} wants to ask the model, at your cost`, shown, choices, false);
  if (answer !== "yes") throw new TuttiError("refused", "The person said no, or nobody was there to be asked.");
  const session = asker.sessions.find((one) => one.view().id === call.session);
  const view = session?.view();
  const model = await asker.modelAt(view?.model || undefined, asker.root);
  let text = "";
  for await (const event of model.stream({ system, messages, tools: [] }, asker.signal)) {
    if (event.type === "text") text += event.text;
    if (event.type === "usage" && session && view)
      await session.record(
        { type: "usage.counted", turn: `t${view.turns}`, step: 1, model: model.id, usage: event.usage },
        pluginAuthor(asker.plugin),
      );
    if (event.type === "stop" && event.reason === "failed") throw new TuttiError("model", event.failure.message);
  }
  return { text, model: model.id };
}

const spoken = (message: Message): string =>
  message.role === "tool"
    ? ""
    : message.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");

async function sample(asker: Asker, params: unknown): Promise<Record<string, unknown>> {
  const { messages, systemPrompt } = (params ?? {}) as { messages?: unknown; systemPrompt?: unknown };
  const given = Array.isArray(messages) ? (messages as { role: string; content: unknown }[]) : [];
  const asked = given.map(({ role, content }): Message => {
    const parts = [content].flat().map((part) => textOf(part as { type: string }));
    const text = { type: "text" as const, text: parts.join("\n") };
    return role === "assistant" ? { role, model: asker.plugin, content: [text] } : { role: "user", content: [text] };
  });
  const system = typeof systemPrompt === "string" ? systemPrompt : "";
  const { text, model } = await complete(asker, running(asker), system, asked);
  return { role: "assistant", content: { type: "text", text }, model, stopReason: "endTurn" };
}

type Method = keyof typeof hostRequests;

function read<M extends Method>(method: M, params: unknown): ReturnType<(typeof hostRequests)[M]["params"]["parse"]> {
  const found = hostRequests[method].params.safeParse(params);
  if (found.success) return found.data as ReturnType<(typeof hostRequests)[M]["params"]["parse"]>;
  const [issue] = found.error.issues;
  throw new TuttiError("usage", `${method}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
}
