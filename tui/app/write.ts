/** Puts a text into the prompt, as one step to undo. */
import { withDraft } from "../edit/editor.ts";
import type { App } from "./app.ts";

export function write(app: App, text: string): void {
  const { typing } = app.state();
  const editor = withDraft(typing.editor, { text, chips: new Map() });
  app.set({ typing: { ...typing, editor }, focus: "prompt", completion: null }, "key");
}
