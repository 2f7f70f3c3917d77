/** The behavior of list dialogs: loading and searching items, selecting and choosing one, and scrolling the preview. */
import { openEditor } from "../edit/editor.ts";
import { createInputState, type InputState } from "../keys/input-state.ts";
import { type Key, keyName } from "../keys/key.ts";
import { pressKey } from "../keys/keyboard.ts";
import { lastPreviewTop } from "../screens/dialog.ts";
import type { App, ListSpec } from "./app.ts";
import type { DialogStack } from "./dialog-stack.ts";
import { indexItems, visibleItems } from "./filter.ts";
import type { DialogClick, Item, ListDialog } from "./state.ts";

export interface ListDialogs {
  open(spec: ListSpec, text: string): void;
  /** Loads the items again; the selected row stays selected. */
  reload(spec: ListSpec, dialog: ListDialog): void;
  handleKey(spec: ListSpec, dialog: ListDialog, key: Key): void;
  handleClick(spec: ListSpec, dialog: ListDialog, click: DialogClick): void;
  /** Selects the row at this index, or the nearest one. */
  select(spec: ListSpec, dialog: ListDialog, index: number): void;
  /** Negative scrolls up. */
  scrollPreview(dialog: ListDialog, by: number): void;
}

const PAGE_ROWS = 10;
/** Wide enough that vertical motions never apply: the filter is one line. */
const INPUT_COLUMNS = 1000;

/** `acceptFirst`: Enter was pressed, so choose the first result. `moved`: the user has selected an item since. */
interface Search {
  acceptFirst: boolean;
  moved: boolean;
}

/** The search that runs, if there is one. Results of earlier ones are dropped. */
function createSearches() {
  let latest = 0;
  let running: Search | null = null;
  return {
    start(): number {
      running = { acceptFirst: false, moved: false };
      return ++latest;
    },
    /** Null if the search was dropped, or another one has started. */
    end(request: number): Search | null {
      const ended = request === latest ? running : null;
      if (ended) running = null;
      return ended;
    },
    drop(): void {
      running = null;
    },
    markMoved(): void {
      if (running) running.moved = true;
    },
    /** False if no search runs, or the user has selected an item since. */
    acceptFirst(): boolean {
      if (running === null || running.moved) return false;
      running.acceptFirst = true;
      return true;
    },
  };
}

export function createListDialogs(app: App, stack: DialogStack): ListDialogs {
  /** Identifies the latest request. Results of earlier ones are dropped. */
  let latestPreview = 0;
  const searches = createSearches();

  const notifySelection = (spec: ListSpec): void => {
    const dialog = stack.topList(spec);
    const item = dialog && selectedItem(dialog);
    if (!dialog || !item) return;
    spec.onSelectionChange?.(app, item);
    if (!spec.preview) return;
    const request = ++latestPreview;
    app.attempt(async () => {
      const preview = await spec.preview?.(app, item);
      const current = stack.topList(spec);
      if (current && preview && request === latestPreview) stack.replaceTop({ ...current, preview, previewTop: 0 });
    });
  };
  const load = (spec: ListSpec, selectedId?: string): void => {
    const initial = selectedId ?? spec.initialItem?.(app);
    const fill = (items: readonly Item[]): void => {
      const dialog = stack.topList(spec);
      if (!dialog) return;
      indexItems(items);
      stack.replaceTop(fillItems(dialog, items, initial));
      notifySelection(spec);
    };
    const items = spec.items(app);
    if (items instanceof Promise) app.attempt(async () => fill(await items));
    else fill(items);
  };
  const startSearch = (spec: ListSpec, text: string): void => {
    const request = searches.start();
    const load = async () => (text.trim() === "" ? spec.items(app) : spec.search?.(app, text));
    app.attempt(async () => {
      const items = await load().catch((error) => {
        searches.end(request);
        throw error;
      });
      const ended = searches.end(request);
      const dialog = stack.topList(spec);
      if (!ended || !dialog || !items) return;
      const chosen = ended.moved ? selectedItem(dialog)?.id : undefined;
      const selected = Math.max(
        0,
        items.findIndex(({ id }) => id === chosen),
      );
      stack.replaceTop({ ...dialog, items, isLoaded: true, selected });
      if (ended.acceptFirst) chooseItem(app, stack, spec, items[0]);
      else notifySelection(spec);
    });
  };
  const select: ListDialogs["select"] = (spec, dialog, index) => {
    const count = visibleItems(dialog).length;
    if (count === 0) return;
    searches.markMoved();
    stack.replaceTop({ ...dialog, selected: Math.max(0, Math.min(count - 1, index)) });
    notifySelection(spec);
  };
  const scrollPreview: ListDialogs["scrollPreview"] = (dialog, by) =>
    stack.replaceTop({ ...dialog, previewTop: clampPreviewTop(app, dialog, dialog.previewTop + by) });
  const runCommand = (spec: ListSpec, dialog: ListDialog, command: string): void => {
    const target = targetOf(command, dialog.selected, visibleItems(dialog).length);
    const isPage = command === "list.pageUp" || command === "list.pageDown";
    if (dialog.previewRequired && isPage) scrollPreview(dialog, command === "list.pageUp" ? -PAGE_ROWS : PAGE_ROWS);
    else if (target !== undefined) select(spec, dialog, target);
    else if (command === "list.accept" && !searches.acceptFirst()) chooseItem(app, stack, spec, selectedItem(dialog));
    else if (command === "dialog.close") stack.cancel();
  };
  /** Runs a key that only this dialog binds. Returns false if it binds none. */
  const runItemKey = (spec: ListSpec, keys: string, item: Item): boolean => {
    const run = spec.keys?.[keys]?.run;
    if (run)
      app.attempt(async () => {
        await run(app, item);
        if (stack.topList(spec)) load(spec, item.id);
      });
    return run !== undefined;
  };
  const setInput = (spec: ListSpec, dialog: ListDialog, input: InputState): void => {
    const { text } = input.editor;
    const hasChanged = text !== dialog.input.editor.text;
    stack.replaceTop({ ...dialog, input, ...(hasChanged && { selected: 0 }) });
    if (hasChanged && spec.search) startSearch(spec, text);
    else if (hasChanged) notifySelection(spec);
  };

  return {
    reload: (spec, dialog) => load(spec, selectedItem(dialog)?.id),
    open(spec, text) {
      searches.drop();
      stack.push({ spec, dialog: createListDialog(spec, text) });
      load(spec);
    },
    handleKey(spec, dialog, key) {
      const item = selectedItem(dialog);
      if (item && runItemKey(spec, keyName(key), item)) return;
      const context = { focus: "list", columns: INPUT_COLUMNS } as const;
      const { state, commands } = pressKey(app.keyboard(), dialog.input, key, context);
      setInput(spec, dialog, state);
      for (const { action } of commands) {
        const current = stack.topList(spec);
        if (current) runCommand(spec, current, action);
      }
    },
    handleClick(spec, dialog, click) {
      if (click.type === "clear") setInput(spec, dialog, createInputState());
      if (click.type === "clear" || click.type === "accept") return;
      const rows = visibleItems(dialog);
      const index = rows.findIndex(({ id }) => id === click.item);
      const item = rows[index];
      if (!item) return;
      if (click.type === "itemKey") runItemKey(spec, click.keys, item);
      else if (spec.choose) chooseItem(app, stack, spec, item);
      else select(spec, dialog, index);
    },
    select,
    scrollPreview,
  };
}

/** Closes the list and runs its choice. A list for reading only is just closed. */
function chooseItem(app: App, stack: DialogStack, spec: ListSpec, item: Item | undefined): void {
  if (!item) return;
  const { choose } = spec;
  if (!choose) {
    stack.cancel();
    return;
  }
  stack.pop();
  app.attempt(async () => choose(app, item));
}

/** Selects the item of this id, or keeps the selected index. */
function fillItems(dialog: ListDialog, items: readonly Item[], id: string | undefined): ListDialog {
  const filled: ListDialog = { ...dialog, items, isLoaded: true };
  const rows = visibleItems(filled);
  const index = rows.findIndex((item) => item.id === id);
  return { ...filled, selected: index >= 0 ? index : Math.max(0, Math.min(dialog.selected, rows.length - 1)) };
}

function clampPreviewTop(app: App, dialog: ListDialog, top: number): number {
  const { columns, rows } = app.state();
  return Math.max(0, Math.min(lastPreviewTop(dialog, columns, rows), top));
}

const selectedItem = (dialog: ListDialog): Item | undefined => visibleItems(dialog)[dialog.selected];

/** The row that a command moves to; previous and next wrap around. */
function targetOf(command: string, selected: number, count: number): number | undefined {
  const targets: Record<string, number> = {
    "list.previous": selected === 0 ? count - 1 : selected - 1,
    "list.next": selected === count - 1 ? 0 : selected + 1,
    "list.pageUp": selected - PAGE_ROWS,
    "list.pageDown": selected + PAGE_ROWS,
    "list.first": 0,
    "list.last": count - 1,
  };
  return targets[command];
}

const createListDialog = (spec: ListSpec, text: string): ListDialog => ({
  kind: "list",
  title: spec.title,
  items: [],
  isLoaded: false,
  input: createInputState(openEditor({ text, chips: new Map() })),
  isServerSearch: spec.search !== undefined,
  selected: 0,
  isSelectable: spec.choose !== undefined,
  hints: Object.entries(spec.keys ?? {}).map(([keys, { label }]) => ({ keys, label })),
  intro: spec.intro ?? "",
  loading: spec.loading ?? "…",
  empty: spec.empty,
  preview: spec.preview ? [] : null,
  previewRequired: spec.previewRequired === true,
  previewTop: 0,
});
