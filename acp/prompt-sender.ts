/** Sends the prompts of an editor to the server: as turns, steering, notes, shell commands or commands of plugins. One at a time. */
import { randomUUID } from "node:crypto";
import { TuttiError } from "../protocol/errors.ts";
import type { Attachment } from "../protocol/events.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { parsePrompt } from "./commands.ts";
import { type PromptContent, readPromptContent } from "./content.ts";
import type { Block } from "./editor.ts";
import { invalidParams } from "./errors.ts";
import { type SessionChoices, toSettings } from "./options.ts";
import type { ServerConnection } from "./server-connection.ts";
import type { UpdateStream } from "./stream.ts";
import type { TrackedPrompt, TurnTracker } from "./turns.ts";

export interface SubmittedPrompt extends TrackedPrompt {
  /** Removes the prompt from the queue if it has not started. */
  withdraw(): void;
}

export interface PromptSenderDeps {
  session: string;
  cwd: string;
  server: ServerConnection;
  stream: UpdateStream;
  turns: TurnTracker;
  /** The blocks of this editor's own prompts, by prompt id. */
  ownPrompts: Map<string, readonly Block[]>;
  choices(): SessionChoices;
  commands(): readonly PluginCommand[];
  /** Resolves when the session is watched. */
  ready(): Promise<void>;
}

export interface PromptSender {
  /** Resolves when the server has accepted the prompt. */
  send(blocks: readonly Block[]): Promise<SubmittedPrompt>;
  /** Cancels the running turn and removes this editor's prompts from the queue. */
  cancel(): Promise<void>;
}

/** The server has accepted the prompt. `turn` is set if it is already running. */
interface Accepted {
  prompt: string;
  turn?: string | undefined;
}

export function createPromptSender(deps: PromptSenderDeps): PromptSender {
  const { session, cwd, server, stream, turns, ownPrompts } = deps;
  let sending: Promise<unknown> = Promise.resolve();

  /** Fails if the prompt has started or was removed, which is fine. */
  const drop = (prompt: string): Promise<unknown> =>
    server.call("queueDrop", { session, prompt }).catch(() => undefined);

  /** Events are held back until the prompt's id is known, so that they can be matched to this editor. */
  async function submit(request: Promise<Accepted>, blocks: readonly Block[]): Promise<SubmittedPrompt> {
    stream.pause();
    try {
      const { prompt, turn } = await request;
      ownPrompts.set(prompt, blocks);
      return { ...turns.track(prompt, turn), withdraw: () => void drop(prompt) };
    } finally {
      stream.resume();
    }
  }

  async function startTurn(content: PromptContent, blocks: readonly Block[]): Promise<SubmittedPrompt> {
    const { text } = content;
    const attachments: Attachment[] = [...content.attachments];
    for (const { name, mediaType, data } of content.bytes) {
      const { blob } = await server.call("sessionAttach", { session, data });
      attachments.push({ name, mediaType, blob });
    }
    await stream.flush();
    const { activity } = stream.view();
    const choices = deps.choices();
    if (choices.busy === "steer" && activity.state === "running" && attachments.length === 0) {
      const steered = submit(server.call("turnSteer", { session, turn: activity.turn, text }), blocks);
      const accepted = await steered.catch((error: unknown) => {
        // The turn has ended or cannot be steered: send a normal prompt.
        if (error instanceof TuttiError && error.code === "conflict") return null;
        throw error;
      });
      if (accepted) return accepted;
    }
    return submit(server.call("turnPrompt", { session, text, attachments, settings: toSettings(choices) }), blocks);
  }

  /** Reports a command that ran immediately and is not in the log. */
  async function reportImmediately(text: string, blocks: readonly Block[]): Promise<SubmittedPrompt> {
    const message = randomUUID();
    stream.sendImmediate([
      { type: "prompt", id: message, blocks, own: true },
      { type: "response.done", as: "text", id: message, text, sent: "" },
    ]);
    await stream.flush();
    return {
      inserted: Promise.resolve(message),
      ended: Promise.resolve({ outcome: "done" }),
      withdraw: () => undefined,
    };
  }

  async function handle(content: PromptContent, blocks: readonly Block[]): Promise<SubmittedPrompt> {
    await deps.ready();
    const parsed = parsePrompt(content.text, deps.commands());
    switch (parsed.kind) {
      case "note": {
        const { path } = await server.call("noteAdd", { session, text: parsed.text });
        return reportImmediately(`Added a note to ${path}.`, blocks);
      }
      case "shell": {
        const run = server.call("shellRun", { session, command: parsed.command });
        return submit(
          run.then(({ turn }) => ({ prompt: turn, turn })),
          blocks,
        );
      }
      case "plugin": {
        const { text } = await server.call("commandsExpand", { cwd, name: parsed.name, input: parsed.input });
        return startTurn({ ...content, text }, blocks);
      }
      case "prompt":
        return startTurn(content, blocks);
      default:
        return parsed satisfies never;
    }
  }

  return {
    async send(blocks) {
      const content = readPromptContent(blocks, cwd);
      if (content.text === "" && content.attachments.length + content.bytes.length === 0)
        throw invalidParams("The prompt is empty.");
      server.resume();
      // One at a time, so that prompts keep their order and a cancel includes all prompts before it.
      const submitted = sending.then(() => handle(content, blocks));
      sending = submitted.catch(() => undefined);
      return submitted;
    },
    async cancel() {
      await sending;
      const waiting = turns.pending();
      const queued = waiting.filter(({ turn }) => turn === null);
      await Promise.all(queued.map(({ prompt }) => drop(prompt)));
      // If all of this editor's prompts were queued, the running turn belongs to another client.
      if (waiting.length === 0 || queued.length < waiting.length) await server.call("turnCancel", { session });
    },
  };
}
