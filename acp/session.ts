/** One session as an editor has it open: what is asked of it, and what it tells. The server may go and come back under it. */
import type {
  AgentContext,
  AvailableCommand,
  ClientCapabilities,
  ContentBlock,
  PromptResponse,
  SessionConfigOption,
  SessionModeState,
  SessionUpdate,
} from "@agentclientprotocol/sdk";
import { sentence } from "../client/words.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Attachment } from "../protocol/events.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { openAsking } from "./asking.ts";
import { available, meaningOf } from "./commands.ts";
import { type ReadPrompt, readBlocks } from "./content.ts";
import { rpcError, wrong } from "./errors.ts";
import { type Chosen, choose, configOptions, isMode, modeState, type Offer, settingsOf } from "./options.ts";
import type { Server } from "./server.ts";
import { createStream } from "./stream.ts";
import { createTurns, type PromptEnd } from "./turns.ts";
import { noticed, replayed, said } from "./updates.ts";

export interface EditorSession {
  readonly id: string;
  readonly cwd: string;
  state(): { modes: SessionModeState; configOptions: SessionConfigOption[] };
  /** Tells all that was said so far. */
  replay(): Promise<void>;
  /** Asks anew which commands and models there are, and tells what is different. */
  refresh(): Promise<void>;
  prompt(blocks: readonly ContentBlock[], given: AbortSignal): Promise<PromptResponse>;
  /** Ends the turn that runs, and takes this editor's prompts out of the queue. */
  cancel(): Promise<void>;
  setMode(mode: string): void;
  setOption(option: string, value: unknown): SessionConfigOption[];
  /** Stops what this editor began, and nothing of anybody else. */
  cancelOwn(): Promise<void>;
  /** Watches it no more. */
  leave(): Promise<void>;
  lost(why: string): void;
}

export interface SessionParts {
  id: string;
  client: AgentContext;
  capabilities: ClientCapabilities;
  server: Server;
  chosen: Chosen;
  /** Parts of the past that are wanted; all of them where absent. */
  parts?: number;
}

export async function openEditorSession(options: SessionParts): Promise<EditorSession> {
  const { id, client, capabilities, server } = options;
  const shows = {
    notices: Boolean(capabilities.session?.notices),
    compaction: Boolean(capabilities.session?.compaction),
  };
  const turns = createTurns();
  const own = new Set<string>();
  let chosen = options.chosen;
  let offer: Offer = { models: [], usual: { mode: "ask", model: "", effort: "" } };
  let commands: readonly PluginCommand[] = [];
  let told: { commands: AvailableCommand[]; options: SessionConfigOption[] } | null = null;
  let attached: Promise<void> | null = null;
  let sending: Promise<unknown> = Promise.resolve();

  const send = (update: SessionUpdate): Promise<void> => client.notify("session/update", { sessionId: id, update });
  /** What is told between events; only a connection that is gone refuses it. */
  const tell = (updates: readonly SessionUpdate[]): void => {
    for (const update of updates) send(update).catch(() => undefined);
  };
  const warn = (text: string): void => tell(noticed("warning", text, shows, "notice"));
  const asking = openAsking({
    session: id,
    client,
    server,
    hasForms: Boolean(capabilities.elicitation?.form),
    givenUp: () => {
      if (turns.waiting().length > 0) cancel().catch((error: unknown) => warn(sentence(error)));
    },
    problem: warn,
  });
  const stream = createStream({
    send,
    shows,
    isOwn: (prompt) => own.has(prompt),
    blob: async (blob) => (await server.call("sessionBlob", { session: id, blob })).data,
    told({ event }, view) {
      if (event.type.startsWith("question.")) asking.open(view);
      turns.saw(event);
    },
    caughtUp(view) {
      asking.open(view);
      turns.caughtUp(view);
    },
  });
  const attach = async (): Promise<void> => {
    await server.call("sessionOpen", { session: id });
    await server.watch(
      id,
      { event: stream.event, snapshot: stream.snapshot, lost: ({ message }) => turns.fail(message) },
      options.parts,
    );
    await stream.flushed();
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
  async function begin(asked: Promise<{ prompt: string; turn?: string | undefined }>): Promise<Begun> {
    stream.hold();
    try {
      const { prompt, turn } = await asked;
      own.add(prompt);
      return { ended: turns.ended(prompt, turn) };
    } finally {
      stream.release();
    }
  }

  async function turn({ text, attachments, bytes }: ReadPrompt): Promise<Begun> {
    const kept: Attachment[] = [...attachments];
    for (const { name, mediaType, data } of bytes) {
      const { blob } = await server.call("sessionAttach", { session: id, data });
      kept.push({ name, mediaType, blob });
    }
    await stream.flushed();
    const { activity } = stream.view();
    if (chosen.busy === "steer" && activity.state === "running" && kept.length === 0) {
      const steered = begin(server.call("turnSteer", { session: id, turn: activity.turn, text }));
      const taken = await steered.catch((error: unknown) => {
        // It ended in between, or takes no words: then it is a prompt like any other.
        if (error instanceof TuttiError && error.code === "conflict") return null;
        throw error;
      });
      if (taken) return taken;
    }
    const settings = settingsOf(chosen);
    return begin(server.call("turnPrompt", { session: id, text, attachments: kept, settings }));
  }

  async function perform(read: ReadPrompt): Promise<Begun> {
    await ready();
    const meaning = meaningOf(read.text, commands);
    switch (meaning.kind) {
      case "note": {
        const { path } = await server.call("noteAdd", { session: id, text: meaning.text });
        tell([said("text", `Noted in ${path}.`, "note")]);
        return { ended: Promise.resolve({ outcome: "done" }) };
      }
      case "shell": {
        const run = server.call("shellRun", { session: id, command: meaning.command });
        return begin(run.then(({ turn }) => ({ prompt: turn, turn })));
      }
      case "plugin": {
        const { text } = await server.call("commandsExpand", { cwd, name: meaning.name, input: meaning.input });
        return turn({ ...read, text });
      }
      case "words":
        return turn(read);
      default:
        return meaning satisfies never;
    }
  }

  async function cancel(): Promise<void> {
    await sending;
    const waiting = turns.waiting();
    const queued = waiting.filter(({ turn }) => turn === null);
    await Promise.all(
      queued.map(({ prompt }) => server.call("queueDrop", { session: id, prompt }).catch(() => undefined)),
    );
    // Where all that this editor waits for stood in the queue, the turn that runs is another client's.
    if (waiting.length === 0 || queued.length < waiting.length) await server.call("turnCancel", { session: id });
  }

  const state = () => ({ modes: modeState(chosen, offer), configOptions: configOptions(chosen, offer) });
  const tellCommands = (): void => {
    const now = available(commands);
    if (JSON.stringify(now) === JSON.stringify(told?.commands)) return;
    tell([{ sessionUpdate: "available_commands_update", availableCommands: now }]);
    told = { options: state().configOptions, ...told, commands: now };
  };

  return {
    id,
    cwd,
    state,
    replay: async () => {
      for (const update of replayed(stream.view(), shows)) await send(update);
    },
    async refresh() {
      if (told) await find();
      tellCommands();
      const now = state().configOptions;
      if (told && JSON.stringify(now) !== JSON.stringify(told.options))
        tell([{ sessionUpdate: "config_option_update", configOptions: now }]);
      if (told) told.options = now;
    },
    async prompt(blocks, given) {
      const read = readBlocks(blocks, cwd);
      if (read.text === "" && read.attachments.length + read.bytes.length === 0) throw wrong("The prompt is empty.");
      const stop = (): void => void cancel().catch((error: unknown) => warn(sentence(error)));
      given.addEventListener("abort", stop, { once: true });
      try {
        // One after the other, so that they arrive in their order, and a stop finds all that came before it.
        const handed = sending.then(() => perform(read));
        sending = handed.catch(() => undefined);
        const { ended } = await handed;
        return responseTo(await ended, warn);
      } finally {
        given.removeEventListener("abort", stop);
      }
    },
    cancel,
    cancelOwn: async () => {
      if (turns.waiting().length > 0) await cancel();
    },
    setMode(mode) {
      if (!isMode(mode)) throw wrong(`There is no mode ${JSON.stringify(mode)}; there are plan, ask, edit and auto.`);
      chosen = { ...chosen, mode };
      tell([{ sessionUpdate: "config_option_update", configOptions: state().configOptions }]);
    },
    setOption(option, value) {
      const set = choose(chosen, offer, option, value);
      if (!set) throw wrong(`${JSON.stringify(value)} is no value for ${JSON.stringify(option)}.`);
      chosen = set;
      if (option === "mode")
        tell([{ sessionUpdate: "current_mode_update", currentModeId: state().modes.currentModeId }]);
      return state().configOptions;
    },
    async leave() {
      asking.close();
      if (attached) await server.call("sessionUnwatch", { session: id });
      attached = null;
      turns.fail("The session was closed.");
    },
    lost(why) {
      attached = null;
      asking.close();
      turns.fail(why);
    },
  };
}

/** It is the server's by now. */
interface Begun {
  ended: Promise<PromptEnd>;
}

/** How a turn ended, as ACP has it; what failed is an error with its sentence. */
function responseTo(end: PromptEnd, warn: (text: string) => void): PromptResponse {
  if (end === "dropped") return { stopReason: "cancelled" };
  const { outcome, failure } = end;
  switch (outcome) {
    case "done":
      return { stopReason: "end_turn" };
    case "cancelled":
    case "interrupted":
      return { stopReason: "cancelled" };
    case "limit":
      if (failure) warn(failure.message);
      // The one limit that is the model's has no name of its own.
      return { stopReason: /output limit/.test(failure?.message ?? "") ? "max_tokens" : "max_turn_requests" };
    case "failed":
      if (failure?.code !== "refused")
        throw rpcError(failure?.code ?? "failed", failure?.message ?? "The turn failed.");
      // A person said no, or a hook: the turn has ended, and nothing is broken.
      warn(failure.message);
      return { stopReason: "end_turn" };
    default:
      return outcome satisfies never;
  }
}
