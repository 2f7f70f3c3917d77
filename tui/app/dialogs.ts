/** Dialogs that are lists: what each is made of, and what keys and clicks do in all of them. */
import { openEditor } from "../edit/editor.ts";
import { type Key, keyName } from "../keys/key.ts";
import { press } from "../keys/keyboard.ts";
import { startTyping, type Typing } from "../keys/typing.ts";
import { lastPreviewTop } from "../screens/dialog.ts";
import type { App, ListSpec } from "./app.ts";
import { prepared, rowsOf } from "./filter.ts";
import { folderOf } from "./folder.ts";
import type { Click, Dialog, InputDialog, Item, ListDialog, WidgetDialog } from "./state.ts";

export interface Dialogs {
  openList(spec: ListSpec, text?: string): void;
  openInput(title: string, hint: string, text: string, then: (text: string) => void): void;
  openWidget(widget: Omit<WidgetDialog, "kind">): void;
  close(): void;
  key(key: Key): void;
  click(does: DialogClick): void;
  /** To another row, up where negative. */
  step(by: number): void;
  scrollPreview(by: number): void;
}

/** Each says which dialog it was shown in: where another one lies above it by now, nothing happens. */
export type DialogClick = Extract<Click, { dialog: string }>;

type Open =
  | { dialog: ListDialog; spec: ListSpec }
  | { dialog: InputDialog; then(text: string): void }
  | { dialog: WidgetDialog; pressed(key: string): Promise<void> };

/** `pressed`: a widget was told of a key, and may show something else. */
export function createDialogs(app: App, pressed: () => void): Dialogs {
  const stack: Open[] = [];
  let asked = 0;
  /** A search is under way; `takes`: what it finds first is wanted already. */
  let searching: { takes: boolean } | null = null;

  const publish = (): void => app.set({ dialogs: stack.map(({ dialog }) => dialog) }, "key");
  const put = (dialog: Dialog): void => {
    const top = stack.at(-1);
    if (!top || top.dialog.kind !== dialog.kind) return;
    stack[stack.length - 1] = { ...top, dialog } as Open;
    publish();
  };
  const chosen = (dialog: ListDialog): Item | undefined => rowsOf(dialog)[dialog.chosen];

  /** The stack may have changed while something was waited for. */
  const isTop = (spec: ListSpec): ListDialog | null => {
    const top = stack.at(-1);
    return top && "spec" in top && top.spec === spec ? top.dialog : null;
  };
  const moved = (spec: ListSpec): void => {
    const dialog = isTop(spec);
    const item = dialog && chosen(dialog);
    if (!dialog || !item) return;
    spec.changed?.(app, item);
    if (!spec.preview) return;
    const mine = ++asked;
    app.attempt(async () => {
      const preview = await spec.preview?.(app, item);
      const now = isTop(spec);
      if (now && preview && mine === asked) put({ ...now, preview, previewTop: 0 });
    });
  };
  const load = (spec: ListSpec, keep?: string): void => {
    const current = keep ?? spec.current?.(app);
    const fill = (items: readonly Item[]): void => {
      const dialog = isTop(spec);
      if (!dialog) return;
      prepared(items);
      const next = { ...dialog, items, loaded: true };
      const rows = rowsOf(next);
      const at = rows.findIndex(({ id }) => id === current);
      put({ ...next, chosen: at >= 0 ? at : Math.max(0, Math.min(dialog.chosen, rows.length - 1)) });
      moved(spec);
    };
    const items = spec.items(app);
    if (items instanceof Promise) app.attempt(async () => fill(await items));
    else fill(items);
  };
  const search = (spec: ListSpec, text: string): void => {
    const mine = ++asked;
    searching = { takes: false };
    app.attempt(async () => {
      const found = text.trim() === "" ? await spec.items(app) : await spec.search?.(app, text);
      const dialog = isTop(spec);
      if (!dialog || !found || mine !== asked) return;
      const takes = searching?.takes === true;
      searching = null;
      put({ ...dialog, items: found, loaded: true, chosen: 0 });
      if (takes) choose(spec, found[0]);
      else moved(spec);
    });
  };
  const choose = (spec: ListSpec, item: Item | undefined): void => {
    if (!item) return;
    const takes = spec.choose;
    if (!takes) {
      close();
      return;
    }
    stack.pop();
    publish();
    app.attempt(async () => takes(app, item));
  };
  const close = (): void => {
    const top = stack.pop();
    publish();
    if (top && "spec" in top) top.spec.left?.(app);
  };
  const step = (spec: ListSpec, dialog: ListDialog, to: number): void => {
    const count = rowsOf(dialog).length;
    if (count === 0) return;
    put({ ...dialog, chosen: Math.max(0, Math.min(count - 1, to)) });
    moved(spec);
  };
  const PAGE = 10;
  const scrollPreview = (by: number): void => {
    const top = stack.at(-1);
    if (!top || !("spec" in top)) return;
    const { columns, rows } = app.state();
    const last = lastPreviewTop(top.dialog, columns, rows);
    put({ ...top.dialog, previewTop: Math.max(0, Math.min(last, top.dialog.previewTop + by)) });
  };
  const inList = (spec: ListSpec, dialog: ListDialog, action: string): void => {
    const count = rowsOf(dialog).length;
    const { chosen: at } = dialog;
    const moves: Record<string, number> = {
      // Past an end is the other end.
      "list.previous": at === 0 ? count - 1 : at - 1,
      "list.next": at === count - 1 ? 0 : at + 1,
      "list.pageUp": at - PAGE,
      "list.pageDown": at + PAGE,
      "list.first": 0,
      "list.last": count - 1,
    };
    const to = moves[action];
    if (dialog.mustRead && (action === "list.pageUp" || action === "list.pageDown"))
      scrollPreview(action === "list.pageUp" ? -PAGE : PAGE);
    else if (to !== undefined) step(spec, dialog, to);
    else if (action === "list.accept" && searching) searching.takes = true;
    else if (action === "list.accept") choose(spec, chosen(dialog));
    else if (action === "dialog.close") close();
  };
  /** What a key of this dialog alone does; false where it is none. */
  const own = (spec: ListSpec, keys: string, item: Item): boolean => {
    const does = spec.keys?.[keys]?.does;
    if (does)
      app.attempt(async () => {
        await does(app, item);
        if (isTop(spec)) load(spec, item.id);
      });
    return does !== undefined;
  };
  const typed = (spec: ListSpec, dialog: ListDialog, typing: Typing): void => {
    const changed = typing.editor.text !== dialog.typing.editor.text;
    put({ ...dialog, typing, ...(changed && { chosen: 0 }) });
    if (changed && spec.search) search(spec, typing.editor.text);
    else if (changed) moved(spec);
  };
  const keyInList = (spec: ListSpec, dialog: ListDialog, key: Key): void => {
    const item = chosen(dialog);
    if (item && own(spec, keyName(key), item)) return;
    const { state, does } = press(app.keyboard(), dialog.typing, key, { context: "list", columns: 1000 });
    typed(spec, dialog, state);
    for (const { action } of does) {
      const now = isTop(spec);
      if (now) inList(spec, now, action);
    }
  };
  const keyInInput = (dialog: InputDialog, then: (text: string) => void, key: Key): void => {
    const { state, does } = press(app.keyboard(), dialog.typing, key, { context: "search", columns: 1000 });
    put({ ...dialog, typing: state });
    for (const { action } of does) {
      if (action === "dialog.close") close();
      if (action === "search.accept") accept(then, state.editor.text);
    }
  };
  const accept = (then: (text: string) => void, text: string): void => {
    stack.pop();
    publish();
    then(text);
  };
  const clickInList = (spec: ListSpec, dialog: ListDialog, does: DialogClick): void => {
    if (does.does === "clear") typed(spec, dialog, startTyping());
    if (does.does === "clear" || does.does === "accept") return;
    const rows = rowsOf(dialog);
    const index = rows.findIndex(({ id }) => id === does.item);
    const item = rows[index];
    if (!item) return;
    if (does.does === "own") own(spec, does.keys, item);
    else if (spec.choose) choose(spec, item);
    else step(spec, dialog, index);
  };

  return {
    openList(spec, text = "") {
      searching = null;
      stack.push({
        spec,
        dialog: {
          kind: "list",
          title: spec.title,
          items: [],
          loaded: false,
          typing: startTyping(openEditor({ text, chips: new Map() })),
          searches: spec.search !== undefined,
          chosen: 0,
          takes: spec.choose !== undefined,
          hints: Object.entries(spec.keys ?? {}).map(([keys, { label }]) => ({ keys, label })),
          empty: spec.empty,
          preview: spec.preview ? [] : null,
          mustRead: spec.mustRead === true,
          previewTop: 0,
        },
      });
      publish();
      load(spec);
    },
    openInput(title, hint, text, then) {
      const typing = startTyping(openEditor({ text, chips: new Map() }));
      stack.push({ dialog: { kind: "input", title, hint, typing }, then });
      publish();
    },
    openWidget(widget) {
      const { plugin, widget: name } = widget;
      const dialog: WidgetDialog = { kind: "widget", ...widget };
      const tell = async (key: string): Promise<void> => {
        const cwd = folderOf(app.state());
        const { close: ends } = await app.server.call("widgetsKey", { cwd, plugin, widget: name, key });
        if (!ends) pressed();
        else if (stack.at(-1)?.dialog === dialog) close();
      };
      // One after the other, as they were pressed.
      let before: Promise<void> = Promise.resolve();
      stack.push({
        dialog,
        pressed(key) {
          const told = before.then(() => tell(key));
          before = told.catch(() => undefined);
          return told;
        },
      });
      publish();
    },
    close,
    key(key) {
      const top = stack.at(-1);
      if (!top) return;
      if ("spec" in top) keyInList(top.spec, top.dialog, key);
      else if ("then" in top) keyInInput(top.dialog, top.then, key);
      else if (keyName(key) === "escape") close();
      else app.attempt(() => top.pressed(keyName(key)));
    },
    click(does) {
      const top = stack.at(-1);
      if (top?.dialog.title !== does.dialog) return;
      if ("spec" in top) clickInList(top.spec, top.dialog, does);
      else if (!("then" in top)) return;
      else if (does.does === "accept") accept(top.then, top.dialog.typing.editor.text);
      else if (does.does === "clear") put({ ...top.dialog, typing: startTyping() });
    },
    step(by) {
      const top = stack.at(-1);
      if (top && "spec" in top) step(top.spec, top.dialog, top.dialog.chosen + by);
    },
    scrollPreview,
  };
}
