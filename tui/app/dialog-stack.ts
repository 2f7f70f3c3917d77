/** The stack of open dialogs. Only the topmost one receives keys and clicks; `State.dialogs` is the drawn part of the stack. */
import type { App, ListSpec } from "./app.ts";
import type { Dialog, InputDialog, ListDialog, WidgetDialog } from "./state.ts";

export type OpenDialog =
  | { dialog: ListDialog; spec: ListSpec }
  | { dialog: InputDialog; onAccept(text: string): void; onCancel?(): void }
  | { dialog: WidgetDialog; sendKey(key: string): Promise<void> };

export interface DialogStack {
  top(): OpenDialog | undefined;
  push(entry: OpenDialog): void;
  pop(): OpenDialog | undefined;
  /** Replaces the drawn part of the topmost dialog. Does nothing if that is a dialog of another kind. */
  replaceTop(dialog: Dialog): void;
  /** The dialog of this list if it is topmost. Check it after each `await`: the stack may have changed. */
  topList(spec: ListSpec): ListDialog | null;
  /** Closes the topmost dialog without a result. */
  cancel(): void;
}

export function createDialogStack(app: App): DialogStack {
  const entries: OpenDialog[] = [];
  const publish = (): void => app.set({ dialogs: entries.map(({ dialog }) => dialog) }, "key");
  const pop = (): OpenDialog | undefined => {
    const entry = entries.pop();
    publish();
    return entry;
  };
  return {
    top: () => entries.at(-1),
    push(entry) {
      entries.push(entry);
      publish();
    },
    pop,
    replaceTop(dialog) {
      const entry = entries.at(-1);
      if (!entry || entry.dialog.kind !== dialog.kind) return;
      entries[entries.length - 1] = { ...entry, dialog } as OpenDialog;
      publish();
    },
    topList(spec) {
      const entry = entries.at(-1);
      return entry && "spec" in entry && entry.spec === spec ? entry.dialog : null;
    },
    cancel() {
      const entry = pop();
      if (entry && "spec" in entry) entry.spec.onCancel?.(app);
      else if (entry && "onAccept" in entry) entry.onCancel?.();
    },
  };
}
