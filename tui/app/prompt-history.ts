/** Steps through the prompts that were sent, and back to the text that was being written. */
import { type Draft, getDraft, replaceDraft } from "../edit/editor.ts";
import type { App } from "./app.ts";

export const showOlderPrompt = (app: App): void => stepHistory(app, 1);
export const showNewerPrompt = (app: App): void => stepHistory(app, -1);

/** `history.index` counts from the newest prompt. An edited prompt is a new draft, from which stepping starts over. */
function stepHistory(app: App, by: 1 | -1): void {
  const { input, history } = app.state();
  const current = history?.shown === input.editor.text ? history : null;
  if (!current && by < 0) return;
  const prompts = app.store.promptHistory();
  const index = (current?.index ?? -1) + by;
  const text = prompts[prompts.length - 1 - index];
  if (index >= 0 && text === undefined) return;
  const draft = current?.draft ?? getDraft(input.editor);
  const next: Draft = index < 0 ? draft : { text: text ?? "", chips: new Map() };
  const editor = replaceDraft(input.editor, next);
  const step = index < 0 ? null : { index, draft, shown: editor.text };
  app.set({ input: { ...input, editor }, history: step, completion: null }, "key");
}
