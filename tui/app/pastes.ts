/** Inserts what is pasted into the prompt. */
import type { LocalAttachment } from "../edit/chips.ts";
import { insertAttachment, insertPaste } from "../edit/paste.ts";
import type { App } from "./app.ts";
import { findDroppedImage, type readDroppedImage } from "./attachments.ts";
import type { Completer } from "./completion.ts";
import type { StartTimer } from "./questions.ts";

export interface PasteHandler<Event> {
  insert(text: string): void;
  /** True if the event must wait, because an image is being read: a key after a paste must find it in the prompt. */
  defer(event: Event): boolean;
}

/** After this time, the path is inserted as text: a file on a network may never be read. */
const READ_MS = 3_000;

/** Deferred events are passed to `handle`. */
export function createPasteHandler<Event>(
  app: Pick<App, "state" | "set" | "attempt">,
  completer: Pick<Completer, "hide">,
  handle: (event: Event) => void,
  readImage: typeof readDroppedImage,
  startTimer: StartTimer,
): PasteHandler<Event> {
  let deferred: Event[] | null = null;
  const insert = (text: string, image: LocalAttachment | null): void => {
    const { input } = app.state();
    const editor = image ? insertAttachment(input.editor, image) : insertPaste(input.editor, text);
    app.set({ input: { ...input, editor }, focus: "prompt" }, "key");
    completer.hide();
  };
  return {
    insert(text) {
      const path = findDroppedImage(text);
      if (path === null) return void insert(text, null);
      const events: Event[] = [];
      deferred = events;
      app.attempt(async () => {
        try {
          const timeout = new Promise<null>((resolve) => startTimer(() => resolve(null), READ_MS));
          insert(text, await Promise.race([readImage(path), timeout]));
        } finally {
          deferred = null;
          for (const event of events) handle(event);
        }
      });
    },
    defer(event) {
      deferred?.push(event);
      return deferred !== null;
    },
  };
}
