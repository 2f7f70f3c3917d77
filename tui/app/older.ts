/** Going back through prompts that were sent, and forth again to what was being written. */
import { type Draft, draftOf, withDraft } from "../edit/editor.ts";
import type { App } from "./app.ts";

/** Where one stands, counted from the newest; what was being written waits until one is back. */
let place = -1;
let waiting: Draft | null = null;
let shown = "";

export const older = (app: App): void => go(app, 1);
export const newer = (app: App): void => go(app, -1);

function go(app: App, by: 1 | -1): void {
  const { typing } = app.state();
  const prompts = app.memory.prompts();
  if (typing.editor.text !== shown) place = -1;
  if (place < 0) {
    if (by < 0) return;
    waiting = draftOf(typing.editor);
  }
  const next = place + by;
  const text = prompts[prompts.length - 1 - next];
  if (next >= 0 && text === undefined) return;
  place = next;
  const draft: Draft = next < 0 ? (waiting ?? { text: "", chips: new Map() }) : { text: text ?? "", chips: new Map() };
  const editor = withDraft(typing.editor, draft);
  shown = editor.text;
  app.set({ typing: { ...typing, editor }, completion: null }, "key");
}
