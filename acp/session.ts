/** One session that is open in an editor: its prompts, options and updates. It survives a reconnect to the server. */
import { describeError } from "../protocol/errors.ts";
import type { Block, Editor, Option, Update } from "./editor.ts";
import { initialChoices, type SessionChoices } from "./options.ts";
import { createPromptSender, type SubmittedPrompt } from "./prompt-sender.ts";
import { forwardQuestions } from "./questions.ts";
import type { ServerConnection } from "./server-connection.ts";
import { createSessionOptions } from "./session-options.ts";
import { createUpdateStream, type History } from "./stream.ts";
import { createTurnTracker } from "./turns.ts";

export interface EditorSession {
  readonly id: string;
  readonly cwd: string;
  /** Aborted when the session is closed here. */
  readonly closed: AbortSignal;
  options(): Option[];
  /** Reloads commands and models, and sends what has changed. */
  refresh(): Promise<void>;
  /** Resolves when the server has accepted the prompt. */
  prompt(blocks: readonly Block[]): Promise<SubmittedPrompt>;
  /** Cancels the running turn and removes this editor's prompts from the queue. */
  cancel(): Promise<void>;
  setOption(option: string, value: unknown): Option[];
  /** Shows a warning outside the conversation. */
  warn(text: string): void;
  /** Cancels only what this editor started. */
  cancelOwn(): Promise<void>;
  /** Stops watching the session. */
  close(): Promise<void>;
  disconnected(reason: string): void;
}

export interface EditorSessionDeps {
  id: string;
  editor: Editor;
  server: ServerConnection;
  choices: SessionChoices;
  history: History;
}

/** How many parts to load when a session is resumed without its history: enough for open questions and their calls. */
const RESUME_PARTS = 50;

/** Resolves when the requested history has been sent. */
export async function openEditorSession(deps: EditorSessionDeps): Promise<EditorSession> {
  const { id, editor, server, history } = deps;
  const closed = new AbortController();
  const turns = createTurnTracker();
  const ownPrompts = new Map<string, readonly Block[]>();
  let attached: Promise<void> | null = null;

  const send = (update: Update): Promise<void> => editor.notify(id, update);
  /** For updates between events. Sending fails only if the editor has disconnected. */
  const notify = (update: Update): void => void send(update).catch(() => undefined);
  const warn = (text: string): void => notify({ type: "notice", id: "notice", level: "warning", text });
  const questions = forwardQuestions({
    session: id,
    editor,
    server,
    dismissed: () => {
      if (turns.pending().length > 0) prompts.cancel().catch((error: unknown) => warn(describeError(error)));
    },
    reportError: warn,
  });
  const stream = createUpdateStream({
    history,
    send,
    takeOwnBlocks(promptOrMessage) {
      const prompt = turns.promptOf(promptOrMessage) ?? promptOrMessage;
      const blocks = ownPrompts.get(prompt);
      ownPrompts.delete(prompt);
      return blocks;
    },
    readBlob: async (blob) => (await server.call("sessionBlob", { session: id, blob })).data,
    eventSent({ event }, view) {
      if (event.type.startsWith("question.")) questions.update(view);
      if (event.type === "prompt.dropped") ownPrompts.delete(event.prompt);
      turns.apply(event);
    },
    viewReceived: turns.matchView,
    viewSent(view) {
      questions.update(view);
      turns.settleFromView(view);
    },
  });
  /** The outcome of running turns will not be known any more. */
  const failTurns = (reason: string): void => {
    stream.disconnected(reason);
    turns.failAll(reason);
  };
  const attach = async (): Promise<void> => {
    await server.call("sessionOpen", { session: id });
    await server.watch(
      id,
      { event: stream.event, snapshot: stream.snapshot, failed: ({ message }) => failTurns(message) },
      history === "all" ? undefined : RESUME_PARTS,
    );
    await stream.flush();
  };
  const ready = (): Promise<void> => {
    attached ??= attach().catch((error: unknown) => {
      attached = null;
      throw error;
    });
    return attached;
  };

  await ready();
  const { cwd, settings } = stream.view();
  const options = createSessionOptions(cwd, server, { ...initialChoices(settings), ...deps.choices }, notify);
  await options.load();
  const { choices, commands } = options;
  const prompts = createPromptSender({ session: id, cwd, server, stream, turns, ownPrompts, choices, commands, ready });

  return {
    id,
    cwd,
    closed: closed.signal,
    options: options.list,
    refresh: () => options.refresh(() => closed.signal.aborted),
    prompt: prompts.send,
    cancel: prompts.cancel,
    cancelOwn: async () => {
      if (turns.pending().length > 0) await prompts.cancel();
      await stream.flush();
    },
    setOption: options.set,
    warn,
    async close() {
      closed.abort();
      questions.close();
      if (attached) await server.call("sessionUnwatch", { session: id });
      attached = null;
      await stream.close();
      turns.failAll("The session was closed.");
    },
    disconnected(reason) {
      attached = null;
      questions.close();
      failTurns(reason);
    },
  };
}
