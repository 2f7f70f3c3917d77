/** Dialogs for queued, stashed and sent prompts. */
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import { setPromptText } from "../app/prompt.ts";
import type { Item } from "../app/state.ts";
import { line } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";

const PREVIEW_COLUMNS = 60;

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ⏎ ");
const previewPrompt = (_: App, { id }: Item) =>
  printable(id, { keepNewlines: true })
    .replaceAll("\t", "    ")
    .split("\n")
    .flatMap((row) => wrapLine(line(row), PREVIEW_COLUMNS));

export const stashesDialog: ListSpec = {
  title: "Stashed prompts",
  empty: "No stashed prompts.",
  items: (app) =>
    app.store
      .get()
      .stashes.toReversed()
      .map((text) => ({ id: text, text: oneLine(text) })),
  preview: previewPrompt,
  choose(app, { id }) {
    dropStash(app, id);
    setPromptText(app, id);
  },
  keys: { "ctrl+d": { label: "drop", run: (app, { id }) => dropStash(app, id) } },
};

const dropStash = (app: App, text: string): void =>
  app.store.update({ stashes: app.store.get().stashes.filter((one) => one !== text) });

export const promptsDialog: ListSpec = {
  title: "Prompt history",
  empty: "No prompts sent yet.",
  items: (app) =>
    [...new Set(app.store.promptHistory().toReversed())].map((text) => ({ id: text, text: oneLine(text) })),
  preview: previewPrompt,
  choose: (app, { id }) => setPromptText(app, id),
};

export const queueDialog: ListSpec = {
  title: "Queued prompts",
  empty: "No queued prompts.",
  items: (app) =>
    (app.server.currentView()?.queue ?? []).map(({ id, text, by, steers }, index) => ({
      id,
      text: oneLine(text),
      mark: steers === undefined ? String(index + 1) : "↳",
      right: by.name,
    })),
  choose(app, { id }) {
    const session = app.state().view?.id;
    const queued = app.state().view?.queue.find((one) => one.id === id);
    if (!session || !queued) return;
    app.openInput("Edit a queued prompt", "It is sent when the turns before it have ended", queued.text, (text) =>
      app.attempt(async () => void (await app.server.call("queueEdit", { session, prompt: id, text }))),
    );
  },
  keys: {
    "ctrl+d": { label: "drop", run: dropQueued },
    "ctrl+up": { label: "earlier", run: (app, item) => moveQueued(app, item, -1) },
    "ctrl+down": { label: "later", run: (app, item) => moveQueued(app, item, 1) },
    "ctrl+s": { label: "steer", run: steerQueued },
  },
};

async function dropQueued(app: App, { id }: Item): Promise<void> {
  const session = app.state().view?.id;
  if (session) await app.server.call("queueDrop", { session, prompt: id });
}

async function moveQueued(app: App, { id }: Item, by: number): Promise<void> {
  const { view } = app.state();
  const at = view?.queue.findIndex((one) => one.id === id) ?? -1;
  if (!view || at < 0) return;
  const to = Math.max(0, Math.min(view.queue.length - 1, at + by));
  await app.server.call("queueMove", { session: view.id, prompt: id, to });
}

/** Steers the running turn with the prompt, and removes it from the queue once that has succeeded. */
async function steerQueued(app: App, { id }: Item): Promise<void> {
  const { view } = app.state();
  const queued = view?.queue.find((one) => one.id === id);
  if (!view || !queued || view.activity.state !== "running") return;
  await app.server.call("turnSteer", { session: view.id, turn: view.activity.turn, text: queued.text });
  await app.server.call("queueDrop", { session: view.id, prompt: id });
}
