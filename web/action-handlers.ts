/** What the keys and the palette of the page do. */
import { type App, attempt, showSession } from "./app.ts";
import { pageCommands } from "./commands.ts";
import { type PageAction, pageActions, pageKeys } from "./keys.ts";
import { openReview } from "./session-panels.tsx";
import { openSessionList } from "./sessions.ts";

const actionHandlers: Record<PageAction, (app: App) => void> = {
  "palette.open": (app) => app.set({ dialog: "palette" }),
  "keys.open": (app) => app.set({ dialog: "keys" }),
  "session.new": (app) => attempt(app, () => showSession(app, null)),
  "sessions.open": (app) => openSessionList(app),
  "session.fork": pageCommands.fork.run,
  "session.archive": pageCommands.archive.run,
};

export interface PaletteRow {
  title: string;
  keys?: string;
  run(app: App): void;
}

export const paletteRows: readonly PaletteRow[] = [
  ...pageActions.map((action) => ({ ...pageKeys[action], run: actionHandlers[action] })),
  {
    title: "Review changes",
    run: (app) => {
      const { view } = app.state();
      if (view) openReview(app, view.id);
    },
  },
  { title: "Stop the running turn", run: pageCommands.stop.run },
];

/** Handles the keys of the table. The first key of a chord is left to the browser while text is selected, which it would cut. */
export function handlePageKeys(app: App): void {
  let pressed = "";
  addEventListener(
    "keydown",
    (event) => {
      const name = nameOf(event);
      if (name === null || app.state().dialog !== null) return;
      const chord = pressed === "" ? name : `${pressed} ${name}`;
      pressed = "";
      const found = pageActions.find((action) => pageKeys[action].keys === chord);
      const begins = pageActions.some((action) => pageKeys[action].keys.startsWith(`${chord} `));
      if (!found && (!begins || hasSelection())) return;
      event.preventDefault();
      event.stopPropagation();
      if (found) actionHandlers[found](app);
      else pressed = chord;
    },
    true,
  );
}

/** Ctrl+K is what users of other web pages expect; on a Mac, Cmd stands for Ctrl. */
function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string | null {
  if (["Control", "Shift", "Meta", "Alt"].includes(key) || altKey) return null;
  const held = ctrlKey || metaKey;
  const lower = key.toLowerCase();
  if (held && lower === "k") return "ctrl+p";
  return `${held ? "ctrl+" : ""}${shiftKey ? "shift+" : ""}${lower}`;
}

function hasSelection(): boolean {
  const field = document.activeElement;
  if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)
    return field.selectionStart !== field.selectionEnd;
  return getSelection()?.isCollapsed === false;
}
