/** One session as an editor has it open: what is asked of it, and what it tells. The server may go and come back under it. */
import { randomUUID } from "node:crypto";
import { sentence } from "../client/words.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Attachment } from "../protocol/events.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { openAsking } from "./asking.ts";
import { available, meaningOf } from "./commands.ts";
import { type ReadPrompt, readBlocks } from "./content.ts";
import type { Block, Editor, Option, SlashCommand, Update } from "./editor.ts";
import { wrong } from "./errors.ts";
import { type Chosen, choose, isMode, type Offer, optionsOf, settingsOf } from "./options.ts";
import type { Server } from "./server.ts";
import { createStream, type Past } from "./stream.ts";
import { type Begun, createTurns } from "./turns.ts";

export interface EditorSession {
  readonly id: string;
  readonly cwd: string;
  /** Aborted when it is watched no more. */
  readonly left: AbortSignal;
  options(): Option[];
  /** Asks anew which commands and models there are, and tells what is different. */
  refresh(): Promise<void>;
  /** Resolves when the server has it. */
  prompt(blocks: readonly Block[]): Promise<Handed>;
  /** Ends the turn that runs, and takes this editor's prompts out of the queue. */
  cancel(): Promise<void>;
  setOption(option: string, value: unknown): Option[];
  /** Something for the person that has no place in the conversation. */
  warn(text: string): void;
  /** Stops what this editor began, and nothing of anybody else. */
  cancelOwn(): Promise<void>;
  /** Watches it no more. */
  leave(): Promise<void>;
  lost(why: string): void;
}

export interface Handed extends Begun {
  /** Takes it out of the queue, where it still is. */
  withdraw(): void;
}

export interface SessionParts {
  id: string;
  editor: Editor;
  server: Server;
  chosen: Chosen;
  past: Past;
}

/** Parts that a session is taken up with where its past is not asked for: enough for what may still be asked about it. */
const RESUMED_PARTS = 50;

/** What is to be told of its past has been told when it resolves. */
export async function openEditorSession(options: SessionParts): Promise<EditorSession> {
  const { id, editor, server, past } = options;
  const left = new AbortController();
  const turns = createTurns();
  const own = new Map<string, readonly Block[]>();
  let chosen = options.chosen;
  let offer: Offer = { models: [], usual: { mode: "ask", model: "", effort: "" } };
  let commands: readonly PluginCommand[] = [];
  let told: { commands: SlashCommand[]; options: Option[] } | null = null;
  let attached: Promise<void> | null = null;
  let sending: Promise<unknown> = Promise.resolve();

  const send = (update: Update): Promise<void> => editor.tell(id, update);
  /** What is told between events; only a connection that is gone refuses it. */
  const tell = (update: Update): void => void send(update).catch(() => undefined);
  const warn = (text: string): void => tell({ type: "notice", id: "notice", level: "warning", text });
  const asking = openAsking({
    session: id,
    editor,
    server,
    givenUp: () => {
      if (turns.waiting().length > 0) cancel().catch((error: unknown) => warn(sentence(error)));
    },
    problem: warn,
  });
  const stream = createStream({
    past,
    send,
    takeOwn(promptOrMessage) {
      const prompt = turns.promptOf(promptOrMessage) ?? promptOrMessage;
      const blocks = own.get(prompt);
      own.delete(prompt);
      return blocks;
    },
    blob: async (blob) => (await server.call("sessionBlob", { session: id, blob })).data,
    told({ event }, view) {
      if (event.type.startsWith("question.")) asking.open(view);
      if (event.type === "prompt.dropped") own.delete(event.prompt);
      turns.saw(event);
    },
    found: turns.found,
    caughtUp(view) {
      asking.open(view);
      turns.caughtUp(view);
    },
  });
  const attach = async (): Promise<void> => {
    await server.call("sessionOpen", { session: id });
    await server.watch(
      id,
      { event: stream.event, snapshot: stream.snapshot, lost: ({ message }) => lose(message) },
      past === "all" ? undefined : RESUMED_PARTS,
    );
    await stream.flushed();
  };
  /** Nobody tells any more how what runs will end. */
  const lose = (why: string): void => {
    stream.lost(why);
    turns.fail(why);
  };
  const ready = (): Promise<void> => {
    attached ??= attach().catch((error: unknown) => {
      attached = null;
      throw error;
    });
    return attached;
  };
  const find = async (): Promise<void> => {
    const { cwd } = stream.view();
    const [{ models }, { values }, found] = await Promise.all([
      server.call("modelList", {}),
      server.call("configRead", { cwd }),
      server.call("commandsList", { cwd }),
    ]);
    const text = (key: string, usual: string): string => {
      const value = values.find((one) => one.key === key)?.value;
      return typeof value === "string" ? value : usual;
    };
    const mode = text("permissions.mode", "ask");
    offer = {
      models,
      usual: { mode: isMode(mode) ? mode : "ask", model: text("model", ""), effort: text("effort", "") },
    };
    commands = found.commands;
  };

  await ready();
  await find();
  const { cwd } = stream.view();

  /** Hands a prompt to the server; what comes of it is told once it is known to be this editor's. */
  async function begin(asked: Promise<Accepted>, blocks: readonly Block[]): Promise<Handed> {
    stream.hold();
    try {
      const { prompt, turn } = await asked;
      own.set(prompt, blocks);
      const withdraw = (): void => void drop(prompt);
      return { ...turns.begun(prompt, turn), withdraw };
    } finally {
      stream.release();
    }
  }

  async function turn({ text, attachments, bytes }: ReadPrompt, blocks: readonly Block[]): Promise<Handed> {
    const kept: Attachment[] = [...attachments];
    for (const { name, mediaType, data } of bytes) {
      const { blob } = await server.call("sessionAttach", { session: id, data });
      kept.push({ name, mediaType, blob });
    }
    await stream.flushed();
    const { activity } = stream.view();
    if (chosen.busy === "steer" && activity.state === "running" && kept.length === 0) {
      const steered = begin(server.call("turnSteer", { session: id, turn: activity.turn, text }), blocks);
      const taken = await steered.catch((error: unknown) => {
        // It ended in between, or takes no words: then it is a prompt like any other.
        if (error instanceof TuttiError && error.code === "conflict") return null;
        throw error;
      });
      if (taken) return taken;
    }
    const settings = settingsOf(chosen);
    return begin(server.call("turnPrompt", { session: id, text, attachments: kept, settings }), blocks);
  }

  async function perform(read: ReadPrompt, blocks: readonly Block[]): Promise<Handed> {
    await ready();
    const meaning = meaningOf(read.text, commands);
    switch (meaning.kind) {
      case "note": {
        const { path } = await server.call("noteAdd", { session: id, text: meaning.text });
        return aside(`Noted in ${path}.`, blocks);
      }
      case "shell": {
        const run = server.call("shellRun", { session: id, command: meaning.command });
        return begin(
          run.then(({ turn }) => ({ prompt: turn, turn })),
          blocks,
        );
      }
      case "plugin": {
        const { text } = await server.call("commandsExpand", { cwd, name: meaning.name, input: meaning.input });
        return turn({ ...read, text }, blocks);
      }
      case "words":
        return turn(read, blocks);
      default:
        return meaning satisfies never;
    }
  }

  /** What was done at once, and is in no log. */
  async function aside(text: string, blocks: readonly Block[]): Promise<Handed> {
    const message = randomUUID();
    stream.aside([
      { type: "prompted", id: message, blocks, own: true },
      { type: "spoken", as: "text", id: message, text, told: "" },
    ]);
    await stream.flushed();
    return {
      inserted: Promise.resolve(message),
      ended: Promise.resolve({ outcome: "done" }),
      withdraw: () => undefined,
    };
  }

  /** It may have begun by now, or be out of the queue already. */
  const drop = (prompt: string): Promise<unknown> =>
    server.call("queueDrop", { session: id, prompt }).catch(() => undefined);

  async function cancel(): Promise<void> {
    await sending;
    const waiting = turns.waiting();
    const queued = waiting.filter(({ turn }) => turn === null);
    await Promise.all(queued.map(({ prompt }) => drop(prompt)));
    // Where all that this editor waits for stood in the queue, the turn that runs is another client's.
    if (waiting.length === 0 || queued.length < waiting.length) await server.call("turnCancel", { session: id });
  }

  const tellCommands = (): void => {
    const now = available(commands);
    if (JSON.stringify(now) === JSON.stringify(told?.commands)) return;
    tell({ type: "commands", commands: now });
    told = { options: optionsOf(chosen, offer), ...told, commands: now };
  };

  return {
    id,
    cwd,
    left: left.signal,
    options: () => optionsOf(chosen, offer),
    async refresh() {
      if (told) await find();
      if (left.signal.aborted) return;
      tellCommands();
      const now = optionsOf(chosen, offer);
      if (told && JSON.stringify(now) !== JSON.stringify(told.options)) tell({ type: "options", options: now });
      if (told) told.options = now;
    },
    prompt: async (blocks) => {
      const read = readBlocks(blocks, cwd);
      if (read.text === "" && read.attachments.length + read.bytes.length === 0) throw wrong("The prompt is empty.");
      // One after the other, so that they arrive in their order, and a stop finds all that came before it.
      const handed = sending.then(() => perform(read, blocks));
      sending = handed.catch(() => undefined);
      return handed;
    },
    cancel,
    cancelOwn: async () => {
      if (turns.waiting().length > 0) await cancel();
      await stream.flushed();
    },
    setOption(option, value) {
      const set = choose(chosen, offer, option, value);
      if (!set) throw wrong(`${JSON.stringify(value)} is no value for ${JSON.stringify(option)}.`);
      chosen = set;
      return optionsOf(chosen, offer);
    },
    warn,
    async leave() {
      left.abort();
      asking.close();
      if (attached) await server.call("sessionUnwatch", { session: id });
      attached = null;
      await stream.close();
      turns.fail("The session was closed.");
    },
    lost(why) {
      attached = null;
      asking.close();
      lose(why);
    },
  };
}

/** It is the server's by now; `turn` where it runs already. */
interface Accepted {
  prompt: string;
  turn?: string | undefined;
}
