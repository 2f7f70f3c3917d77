/** Handles keys, pastes and mouse events: decides which part of the screen has focus, and what a click does. */
import { isAction } from "../actions.ts";
import { hitAt } from "../draw/frame.ts";
import { moveCursor } from "../edit/editor.ts";
import { layoutPrompt } from "../edit/layout.ts";
import type { Command, Focus } from "../keys/input-state.ts";
import { type Key, textOfKey } from "../keys/key.ts";
import { pressKey } from "../keys/keyboard.ts";
import { promptColumns } from "../screens/compose.ts";
import { textInDrag } from "../screens/drag-selection.ts";
import type { InputEvent, MouseEvent } from "../terminal/decode.ts";
import { runAction } from "./action-handlers.ts";
import type { App } from "./app.ts";
import { readDroppedImage } from "./attachments.ts";
import type { Completer } from "./completion.ts";
import type { Dialogs } from "./dialogs.ts";
import { runFocusCommand } from "./focus-command-handlers.ts";
import { createPasteHandler } from "./pastes.ts";
import { answerByIndex, scrollQuestion } from "./questions.ts";
import type { RecentFrames } from "./recent-frames.ts";
import { scrollBy, scrollToFile, toggleFold } from "./scrolling.ts";
import type { Click, State } from "./state.ts";

export type UserInput = Exclude<InputEvent, { type: "focus" | "background" }>;

export interface InputHandler {
  handle(event: UserInput): void;
}

const WHEEL_ROWS = 3;

/** `onTyped` is called when the prompt has changed. `onKey` is called after a key outside of dialogs, with the part of the screen that had the focus. */
export function createInputHandler(
  app: App,
  dialogs: Dialogs,
  completer: Completer,
  frames: RecentFrames,
  onKey: (focus: Focus) => void,
  onTyped: (text: string) => void,
): InputHandler {
  const runCommand = ({ action, argument }: Command): void => {
    if (isAction(action)) runAction(app, action, argument ?? "");
    else runFocusCommand(app, completer, action, argument ?? "");
  };
  const handleKey = (key: Key) => {
    if (app.state().dialogs.length > 0) return dialogs.handleKey(key);
    const before = app.state().input;
    const focused = focusOf(app.state());
    const press = (focus: Focus) =>
      pressKey(app.keyboard(), before, key, { focus, columns: promptColumns(app.state()) });
    const here = press(focused);
    // What is typed belongs to the prompt, wherever the focus is.
    const isTyped = focused === "transcript" && !here.handled && textOfKey(key) !== null;
    if (isTyped) app.set({ focus: "prompt" });
    const focus = isTyped ? "prompt" : focused;
    const { state: input, commands } = isTyped ? press("prompt") : here;
    if (input !== before) app.set({ input }, "key");
    if (input.editor.text !== before.editor.text || input.editor.cursor !== before.editor.cursor) completer.refresh();
    for (const command of commands) runCommand(command);
    if (app.state().input.editor.text !== before.editor.text) onTyped(app.state().input.editor.text);
    onKey(focus);
  };
  const handlePaste = (text: string) => {
    if (app.state().dialogs.length === 0) return pastes.insert(text);
    for (const character of text.split("\n", 1)[0] ?? "")
      dialogs.handleKey({ key: character, ctrl: false, alt: false, shift: false, super: false, text: character });
  };
  const handleClick = (click: Click, position: { x: number; y: number }) => {
    switch (click.type) {
      case "action":
        return runCommand({ action: click.action });
      case "fold":
        return toggleFold(app, click.part);
      case "file":
        return scrollToFile(app, click.path);
      case "choice":
        return app.state().view?.questions[0]?.id === click.question ? answerByIndex(app, click.index) : undefined;
      case "row":
      case "itemKey":
      case "accept":
      case "clear":
        return dialogs.handleClick(click);
      case "completion": {
        const index = app.state().completion?.rows.findIndex(({ insert }) => insert === click.insert) ?? -1;
        return index < 0 ? undefined : completer.accept(index);
      }
      case "session":
        return app.attempt(() => app.showSession(click.id));
      case "toast":
        return app.set({ toasts: app.state().toasts.filter(({ id }) => id !== click.id) }, "key");
      case "prompt": {
        const { input } = app.state();
        const layout = layoutPrompt(input.editor, promptColumns(app.state()));
        const editor = moveCursor(input.editor, layout.offsetAt(click.row, position.x - click.left));
        return app.set({ input: { ...input, editor }, focus: "prompt" }, "key");
      }
      case "close":
        return dialogs.close();
      case "detail":
      case "preview":
      case "nothing":
        return;
      default:
        return click satisfies never;
    }
  };
  const handleWheel = (direction: 1 | -1, { x, y }: MouseEvent) => {
    const frame = frames.latest();
    const target = frame && hitAt(frame, x, y)?.click.type;
    if (target === "preview") dialogs.scrollPreview(WHEEL_ROWS * direction);
    else if (app.state().dialogs.length > 0) dialogs.moveSelection(direction);
    else if (target === "detail") scrollQuestion(app, WHEEL_ROWS * direction);
    else if (target === "completion") completer.step(direction);
    else scrollBy(app, WHEEL_ROWS * direction);
  };
  const handleMouse = (event: MouseEvent) => {
    const { action, button, x, y } = event;
    const { drag } = app.state();
    if (action === "wheelUp" || action === "wheelDown") return handleWheel(action === "wheelUp" ? -1 : 1, event);
    if (button !== "left") return;
    if (action === "press") return app.set({ drag: { from: { x, y }, to: { x, y } } });
    if (action === "drag") return drag ? app.set({ drag: { ...drag, to: { x, y } } }, "key") : undefined;
    if (action !== "release") return;
    app.set({ drag: null }, "key");
    if (!drag) return;
    if (drag.from.x === x && drag.from.y === y) {
      const hit = frames.stableHitAt(x, y);
      if (hit) handleClick(hit.click, { x, y });
      return;
    }
    const frame = frames.latest();
    const text = frame ? textInDrag(frame, { ...drag, to: { x, y } }) : "";
    if (text.trim() === "") return;
    app.screen.copy(text);
    app.toast("info", "Copied the selection.");
  };
  const handle: InputHandler["handle"] = (event) => {
    if (pastes.defer(event)) return;
    if (event.type === "key") handleKey(event.key);
    else if (event.type === "paste") handlePaste(event.text);
    else handleMouse(event);
  };
  const pastes = createPasteHandler(
    app,
    completer,
    handle,
    readDroppedImage,
    (callback, ms) => void setTimeout(callback, ms).unref(),
  );
  return { handle };
}

function focusOf({ completion, view, focus, input }: State): Focus {
  if (completion) return "completion";
  const hasQuestion = view !== null && view.questions.length > 0;
  if (hasQuestion && input.editor.text === "") return "question";
  return focus;
}
