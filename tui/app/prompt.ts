/** Submits the prompt: starts or queues a turn, steers the running one, or runs a slash command, a shell command or a note. */
import { explainUnknownCommand, resolveAlias } from "../../client/slash-names.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { Attachment } from "../../protocol/events.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { toAnswer } from "../../protocol/questions.ts";
import { slashes } from "../actions.ts";
import type { LocalAttachment } from "../edit/chips.ts";
import { clearText, type Draft, getDraft, replaceDraft } from "../edit/editor.ts";
import { expandChips } from "../edit/paste.ts";
import type { App, RunAction } from "./app.ts";
import { isMissingModel } from "./model-setup.ts";
import { type ParsedPrompt, parsePrompt } from "./parse-prompt.ts";
import { findCommand } from "./plugin-commands.ts";
import { answerableQuestion, sendAnswer } from "./questions.ts";
import { currentFolder } from "./state.ts";

export type Prompt =
  | Exclude<ParsedPrompt, { kind: "message" }>
  | { kind: "message"; text: string; attachments: LocalAttachment[] }
  /** A plugin's command, by its full name. */
  | { kind: "command"; name: string; input: string; attachments: LocalAttachment[] };

export function resolvePrompt(draft: Draft, commands: readonly PluginCommand[]): Prompt {
  const { text, attachments } = expandChips(draft);
  const parsed = parsePrompt(text);
  const command = parsed.kind === "unknown" ? findCommand(commands, parsed.name) : null;
  if (command && parsed.kind === "unknown")
    return { kind: "command", name: command.name, input: parsed.argument, attachments };
  const alias =
    parsed.kind === "unknown" ? slashes.get(resolveAlias(parsed.name, [...slashes.keys()]) ?? "") : undefined;
  if (alias !== undefined && parsed.kind === "unknown")
    return { kind: "action", action: alias, argument: parsed.argument };
  if (parsed.kind === "message" || (parsed.kind === "empty" && attachments.length > 0))
    return { kind: "message", text, attachments };
  return parsed;
}

export function submitPrompt(app: App, runAction: RunAction, delivery: "send" | "steer"): void {
  const { input, commands } = app.state();
  const draft = getDraft(input.editor);
  const prompt = resolvePrompt(draft, commands);
  app.server.resume();
  if (prompt.kind === "empty") {
    resumeQueue(app);
    return;
  }
  if (prompt.kind === "unknown") {
    app.toast("warning", explainUnknownCommand(prompt.name, [...slashes.keys(), ...commands.map(({ name }) => name)]));
    return;
  }
  clearPrompt(app);
  const question = delivery === "send" ? answerableQuestion(app.state()) : null;
  app.store.addPrompt(expandChips(draft).text);
  app.attempt(async () => {
    try {
      // A message sent while a question is open answers it.
      if (prompt.kind === "message" && question?.freeText)
        await sendAnswer(app, question, toAnswer(question, prompt.text));
      else await sendPrompt(app, runAction, prompt, delivery);
    } catch (error) {
      restoreDraft(app, draft);
      if (isMissingModel(error)) return runAction(app, "setup.open");
      if (!isUsageError(error)) throw error;
      app.toast("warning", error.message);
    }
  });
}

/** Sends the queued prompts that wait since a turn was stopped. */
export function resumeQueue(app: App): void {
  const { view } = app.state();
  if (!view?.queueWaits || view.activity.state === "running") return;
  app.attempt(async () => void (await app.server.call("queueResume", { session: view.id })));
}

/** The request was wrong, as opposed to failed. */
const isUsageError = (error: unknown): error is TuttiError =>
  error instanceof TuttiError && (error.code === "usage" || error.code === "notFound");

async function sendPrompt(
  app: App,
  runAction: RunAction,
  prompt: Exclude<Prompt, { kind: "empty" | "unknown" }>,
  delivery: "send" | "steer",
): Promise<void> {
  if (prompt.kind === "action") return void runAction(app, prompt.action, prompt.argument);
  if (prompt.kind === "command") {
    const { name, input, attachments } = prompt;
    const { text } = await app.server.call("commandsExpand", { cwd: currentFolder(app.state()), name, input });
    return sendPrompt(app, runAction, { kind: "message", text, attachments }, delivery);
  }
  if (prompt.kind === "message" && app.state().needsModel) await checkModel(app);
  const session = await ensureSession(app);
  switch (prompt.kind) {
    case "shell":
      return void (await app.server.call("shellRun", { session, command: prompt.command }));
    case "note": {
      const { path } = await app.server.call("noteAdd", { session, text: prompt.text });
      return app.toast("info", `Added the note to ${path}.`);
    }
    case "message": {
      const { text } = prompt;
      const attachments = await uploadImages(app, session, prompt.attachments);
      const activity = app.state().view?.activity;
      app.set({ scroll: { follows: true } });
      if (delivery === "steer" && activity?.state === "running")
        return void (await app.server.call("turnSteer", { session, turn: activity.turn, text }));
      const { settings } = app.state();
      return void (await app.server.call("turnPrompt", { session, text, attachments, settings }));
    }
    default:
      return prompt satisfies never;
  }
}

/** Rejects with `noModel` if there is still no model, so that the prompt is kept. */
async function checkModel(app: App): Promise<void> {
  await app.server.call("modelCheck", {});
  app.set({ needsModel: false });
}

/** The id of the current session, or of a new one. */
export async function ensureSession(app: App): Promise<string> {
  const { view, cwd } = app.state();
  if (view) return view.id;
  const { session } = await app.server.call("sessionCreate", { cwd });
  await app.showSession(session);
  return session;
}

/** Uploads the content of images. Text attachments carry their own. */
function uploadImages(app: App, session: string, attachments: readonly LocalAttachment[]): Promise<Attachment[]> {
  return Promise.all(
    attachments.map(async ({ bytes, ...attachment }) => {
      if (!bytes) return attachment;
      const { blob } = await app.server.call("sessionAttach", { session, data: bytes.toString("base64") });
      return { ...attachment, blob };
    }),
  );
}

export function clearPrompt(app: App): void {
  const { input } = app.state();
  app.set({ input: { ...input, editor: clearText(input.editor) }, completion: null }, "key");
}

/** Replaces the text of the prompt and focuses it. One undo step. */
export function setPromptText(app: App, text: string): void {
  const { input } = app.state();
  const editor = replaceDraft(input.editor, { text, chips: new Map() });
  app.set({ input: { ...input, editor }, focus: "prompt", completion: null }, "key");
}

/** Puts back a draft that could not be sent, or stashes it if the user is writing another one. */
export function restoreDraft(app: App, draft: Draft): void {
  const { input } = app.state();
  if (input.editor.text === "") app.set({ input: { ...input, editor: replaceDraft(input.editor, draft) } });
  else app.store.update({ stashes: [...app.store.get().stashes, expandChips(draft).text] });
}
