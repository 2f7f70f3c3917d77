/** What becomes of a prompt: a turn, the queue, a word to the running turn, a slash command, a shell line, a note. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Attachment } from "../../protocol/events.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { type Draft, draftOf, emptied, withDraft } from "../edit/editor.ts";
import { expanded } from "../edit/paste.ts";
import type { App, Does } from "./app.ts";
import { commandFor } from "./commands.ts";
import { bytesOf } from "./files.ts";
import { folderOf } from "./folder.ts";
import { type Meaning, meaningOf } from "./meaning.ts";
import { answerable, reply } from "./questions.ts";

export type Prompt =
  | Exclude<Meaning, { kind: "words" }>
  | { kind: "words"; text: string; attachments: Attachment[] }
  /** One of a plugin, by its whole name. */
  | { kind: "command"; name: string; input: string; attachments: Attachment[] };

export function readPrompt(draft: Draft, commands: readonly PluginCommand[]): Prompt {
  const { text, attachments } = expanded(draft);
  const meaning = meaningOf(text);
  const command = meaning.kind === "unknown" ? commandFor(commands, meaning.name) : null;
  if (command && meaning.kind === "unknown")
    return { kind: "command", name: command.name, input: meaning.argument, attachments };
  if (meaning.kind === "words" || (meaning.kind === "nothing" && attachments.length > 0))
    return { kind: "words", text, attachments };
  return meaning;
}

export function submit(app: App, act: Does, how: "send" | "steer") {
  const { typing, commands } = app.state();
  const draft = draftOf(typing.editor);
  const prompt = readPrompt(draft, commands);
  if (prompt.kind === "nothing") return;
  if (prompt.kind === "unknown") {
    app.toast(
      "warning",
      `There is no command /${prompt.name}; F1 lists them. To send it as a prompt, put a blank before it.`,
    );
    return;
  }
  clear(app);
  const question = how === "send" ? answerable(app) : null;
  app.memory.sent(expanded(draft).text);
  app.attempt(async () => {
    try {
      // What is written while a question is open is what to do instead.
      if (prompt.kind === "words" && question?.freeText) await reply(app, question, prompt.text);
      else await perform(app, act, prompt, how);
    } catch (error) {
      giveBack(app, draft);
      if (!isWrong(error)) throw error;
      app.toast("warning", error.message);
    }
  });
}

/** It was asked for in a way that cannot be: nothing has failed. */
const isWrong = (error: unknown): error is TuttiError =>
  error instanceof TuttiError && (error.code === "usage" || error.code === "notFound");

async function perform(
  app: App,
  act: Does,
  prompt: Exclude<Prompt, { kind: "nothing" | "unknown" }>,
  how: "send" | "steer",
): Promise<void> {
  if (prompt.kind === "action") return void act(app, prompt.action, prompt.argument);
  if (prompt.kind === "command") {
    const { name, input, attachments } = prompt;
    const { text } = await app.server.call("commandsExpand", { cwd: folderOf(app.state()), name, input });
    return perform(app, act, { kind: "words", text, attachments }, how);
  }
  const session = await ensureSession(app);
  switch (prompt.kind) {
    case "shell":
      return void (await app.server.call("shellRun", { session, command: prompt.command }));
    case "note": {
      const { path } = await app.server.call("noteAdd", { session, text: prompt.text });
      return app.toast("info", `Noted in ${path}.`);
    }
    case "words": {
      const attachments = await uploaded(app, session, prompt.attachments);
      const running = app.state().view?.activity;
      app.set({ scroll: { follows: true } });
      if (how === "steer" && running?.state === "running")
        return void (await app.server.call("turnSteer", { session, turn: running.turn, text: prompt.text }));
      const { settings } = app.state();
      return void (await app.server.call("turnPrompt", { session, text: prompt.text, attachments, settings }));
    }
    default:
      return prompt satisfies never;
  }
}

/** The session that is shown, or a new one. */
export async function ensureSession(app: App): Promise<string> {
  const { view, cwd } = app.state();
  if (view) return view.id;
  const { session } = await app.server.call("sessionCreate", { cwd });
  await app.show(session);
  return session;
}

/** Images go to the server first; what is text goes along. */
function uploaded(app: App, session: string, attachments: readonly Attachment[]): Promise<Attachment[]> {
  return Promise.all(
    attachments.map(async (attachment) => {
      const bytes = bytesOf(attachment);
      if (!bytes) return attachment;
      const { blob } = await app.server.call("sessionAttach", { session, data: bytes.toString("base64") });
      return { ...attachment, blob };
    }),
  );
}

export function clear(app: App): void {
  const { typing } = app.state();
  app.set({ typing: { ...typing, editor: emptied(typing.editor) }, completion: null }, "key");
}

/** What could not be sent is not lost: it stands in the prompt again, or is put aside where another one was begun. */
export function giveBack(app: App, draft: Draft): void {
  const { typing } = app.state();
  if (typing.editor.text === "") app.set({ typing: { ...typing, editor: withDraft(typing.editor, draft) } });
  else app.memory.change({ stashes: [...app.memory.kept().stashes, expanded(draft).text] });
}
