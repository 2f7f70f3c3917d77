/** What keys, pastes and clicks lead to: who has the keyboard, and what was clicked. */
import { isAction } from "../actions.ts";
import { hitAt } from "../draw/frame.ts";
import { moved } from "../edit/editor.ts";
import { layout } from "../edit/layout.ts";
import { attached, pasted } from "../edit/paste.ts";
import type { Key } from "../keys/key.ts";
import { press } from "../keys/keyboard.ts";
import type { Done, Focus } from "../keys/typing.ts";
import { promptColumns } from "../screens/compose.ts";
import { draggedText } from "../screens/dragged.ts";
import type { InputEvent, MouseEvent } from "../terminal/decode.ts";
import type { App } from "./app.ts";
import { ask } from "./asks.ts";
import type { Completer } from "./completion.ts";
import type { Dialogs } from "./dialogs.ts";
import { act } from "./do.ts";
import { draggedImage } from "./files.ts";
import { answer } from "./questions.ts";
import { scrollBy, toFile, turnFold } from "./scrolling.ts";
import type { Seen } from "./seen.ts";
import type { Click, State } from "./state.ts";

export interface Input {
  event(event: Exclude<InputEvent, { type: "focus" | "background" }>): void;
  /** What has the keyboard. */
  context(): Focus;
}

const WHEEL = 3;

export function createInput(
  app: App,
  dialogs: Dialogs,
  completer: Completer,
  seen: Seen,
  pressed: (context: Focus) => void,
): Input {
  const context = (): Focus => contextOf(app.state());
  const perform = ({ action, argument }: Done): void => {
    if (isAction(action)) act(app, action, argument ?? "");
    else ask(app, completer, action, argument ?? "");
  };
  const key = (one: Key) => {
    if (app.state().dialogs.length > 0) return dialogs.key(one);
    const before = app.state().typing;
    const where = context();
    const { state: typing, does } = press(app.keyboard(), before, one, {
      context: where,
      columns: promptColumns(app.state()),
    });
    if (typing !== before) app.set({ typing }, "key");
    if (typing.editor.text !== before.editor.text || typing.editor.cursor !== before.editor.cursor) completer.refresh();
    for (const one of does) perform(one);
    pressed(where);
  };
  const paste = (text: string): void => {
    if (app.state().dialogs.length > 0) {
      for (const character of text.split("\n", 1)[0] ?? "")
        dialogs.key({ key: character, ctrl: false, alt: false, shift: false, super: false, text: character });
      return;
    }
    app.attempt(async () => {
      const image = await draggedImage(text);
      const { typing } = app.state();
      const editor = image ? attached(typing.editor, image) : pasted(typing.editor, text);
      app.set({ typing: { ...typing, editor }, focus: "prompt" }, "key");
      completer.refresh();
    });
  };
  const click = (does: Click, at: { x: number; y: number }) => {
    switch (does.does) {
      case "action":
        return perform({ action: does.action });
      case "fold":
        return turnFold(app, does.part);
      case "file":
        return toFile(app, does.path);
      case "choice":
        return app.state().view?.questions[0]?.id === does.question ? answer(app, does.index) : undefined;
      case "row":
      case "own":
      case "accept":
      case "clear":
        return dialogs.click(does);
      case "completion": {
        const index = app.state().completion?.rows.findIndex(({ insert }) => insert === does.insert) ?? -1;
        return index < 0 ? undefined : completer.accept(index);
      }
      case "session":
        return app.attempt(() => app.show(does.id));
      case "toast":
        return app.set({ toasts: app.state().toasts.filter(({ id }) => id !== does.id) }, "key");
      case "prompt": {
        const { typing } = app.state();
        const cursor = layout(typing.editor, promptColumns(app.state())).offsetAt(does.row, at.x - does.left);
        return app.set({ typing: { ...typing, editor: moved(typing.editor, cursor) }, focus: "prompt" }, "key");
      }
      case "close":
        return dialogs.close();
      case "preview":
      case "nothing":
        return;
      default:
        return does satisfies never;
    }
  };
  const wheel = (by: number, { x, y }: MouseEvent) => {
    const shown = seen.frame();
    const over = shown && hitAt(shown, x, y)?.does.does;
    if (over === "preview") dialogs.scrollPreview(WHEEL * by);
    else if (app.state().dialogs.length > 0) dialogs.step(by);
    else if (over === "completion") completer.step(by);
    else scrollBy(app, WHEEL * by);
  };
  const mouse = (event: MouseEvent) => {
    const { action, button, x, y } = event;
    const { dragged } = app.state();
    if (action === "wheelUp" || action === "wheelDown") return wheel(action === "wheelUp" ? -1 : 1, event);
    if (button !== "left") return;
    if (action === "press") return app.set({ dragged: { from: { x, y }, to: { x, y } } });
    if (action === "drag") return dragged ? app.set({ dragged: { ...dragged, to: { x, y } } }, "key") : undefined;
    if (action !== "release") return;
    app.set({ dragged: null }, "key");
    if (!dragged) return;
    if (dragged.from.x === x && dragged.from.y === y) {
      const hit = seen.hitAt(x, y);
      if (hit) click(hit.does, { x, y });
      return;
    }
    const shown = seen.frame();
    const text = shown ? draggedText(shown, { ...dragged, to: { x, y } }) : "";
    if (text.trim() === "") return;
    app.screen.copy(text);
    app.toast("info", "Copied.");
  };
  return {
    context,
    event(event) {
      if (event.type === "key") key(event.key);
      else if (event.type === "paste") paste(event.text);
      else mouse(event);
    },
  };
}

function contextOf({ completion, view, focus, typing }: State): Focus {
  if (completion) return "completion";
  const asks = view !== null && view.questions.length > 0;
  if (asks && typing.editor.text === "") return "question";
  return focus;
}
