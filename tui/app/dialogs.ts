/** Opens dialogs over the screen, and passes keys and clicks to the topmost one. */
import { openEditor } from "../edit/editor.ts";
import { createInputState } from "../keys/input-state.ts";
import { type Key, keyName } from "../keys/key.ts";
import { pressKey } from "../keys/keyboard.ts";
import type { App } from "./app.ts";
import { createDialogStack, type OpenDialog } from "./dialog-stack.ts";
import { createListDialogs } from "./list-dialogs.ts";
import { currentFolder, type DialogClick, type InputDialog, type State, type WidgetDialog } from "./state.ts";

export interface Dialogs extends Pick<App, "openList" | "openInput" | "openSecretInput" | "openWidget"> {
  /** Closes the topmost dialog without a result. */
  close(): void;
  /** Call after each frame, with its state. */
  afterDraw(state: State): void;
  handleKey(key: Key): void;
  handleClick(click: DialogClick): void;
  /** Negative moves up. */
  moveSelection(by: number): void;
  scrollPreview(by: number): void;
}

/** `onWidgetKey`: a widget handled a key, so its content may have changed. */
export function createDialogs(app: App, onWidgetKey: () => void): Dialogs {
  const stack = createDialogStack(app);
  const lists = createListDialogs(app, stack);

  const accept = (onAccept: (text: string) => void, text: string): void => {
    stack.pop();
    onAccept(text);
  };
  const handleInputKey = (dialog: InputDialog, onAccept: (text: string) => void, key: Key): void => {
    const { state, commands } = pressKey(app.keyboard(), dialog.input, key, { focus: "search", columns: 1000 });
    stack.replaceTop({ ...dialog, input: state });
    for (const { action } of commands) {
      if (action === "dialog.close") stack.cancel();
      if (action === "search.accept") accept(onAccept, state.editor.text);
    }
  };
  /** Keys are sent one at a time, in the order in which they were pressed. */
  const createWidgetEntry = (widget: Omit<WidgetDialog, "kind">): OpenDialog => {
    const dialog: WidgetDialog = { kind: "widget", ...widget };
    const send = async (key: string): Promise<void> => {
      const cwd = currentFolder(app.state());
      const { close } = await app.server.call("widgetsKey", { cwd, plugin: widget.plugin, widget: widget.widget, key });
      if (!close) onWidgetKey();
      else if (stack.top()?.dialog === dialog) stack.cancel();
    };
    let previous: Promise<void> = Promise.resolve();
    return {
      dialog,
      sendKey(key) {
        const sent = previous.then(() => send(key));
        previous = sent.catch(() => undefined);
        return sent;
      },
    };
  };

  let drawnView: State["view"] = null;
  return {
    afterDraw({ view }) {
      if (view === drawnView) return;
      const before = drawnView;
      drawnView = view;
      const top = stack.top();
      if (!top || !("spec" in top) || !top.spec.followsSession) return;
      const { followsSession } = top.spec;
      if (followsSession(view) !== followsSession(before)) lists.reload(top.spec, top.dialog);
    },
    openList: (spec, text = "") => lists.open(spec, text),
    openInput(title, hint, text, onAccept, onCancel) {
      const input = createInputState(openEditor({ text, chips: new Map() }));
      stack.push({
        dialog: { kind: "input", title, hint, input, isSecret: false },
        onAccept,
        ...(onCancel && { onCancel }),
      });
    },
    openSecretInput(title, hint, onAccept, onCancel) {
      const input = createInputState();
      stack.push({ dialog: { kind: "input", title, hint, input, isSecret: true }, onAccept, onCancel });
    },
    openWidget: (widget) => stack.push(createWidgetEntry(widget)),
    close: stack.cancel,
    handleKey(key) {
      const top = stack.top();
      if (!top) return;
      if ("spec" in top) lists.handleKey(top.spec, top.dialog, key);
      else if ("onAccept" in top) handleInputKey(top.dialog, top.onAccept, key);
      else if (keyName(key) === "escape") stack.cancel();
      else app.attempt(() => top.sendKey(keyName(key)));
    },
    handleClick(click) {
      const top = stack.top();
      if (top?.dialog.title !== click.dialog) return;
      if ("spec" in top) lists.handleClick(top.spec, top.dialog, click);
      else if (!("onAccept" in top)) return;
      else if (click.type === "accept") accept(top.onAccept, top.dialog.input.editor.text);
      else if (click.type === "clear") stack.replaceTop({ ...top.dialog, input: createInputState() });
    },
    moveSelection(by) {
      const top = stack.top();
      if (top && "spec" in top) lists.select(top.spec, top.dialog, top.dialog.selected + by);
    },
    scrollPreview(by) {
      const top = stack.top();
      if (top && "spec" in top) lists.scrollPreview(top.dialog, by);
    },
  };
}
