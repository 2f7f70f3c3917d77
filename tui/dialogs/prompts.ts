/** Prompts that wait, were put aside, or were sent before. */

import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import type { Item } from "../app/state.ts";
import { write } from "../app/write.ts";
import { line } from "../draw/style.ts";
import { wrap } from "../draw/wrap.ts";

const PREVIEW = 60;

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ⏎ ");
const whole = (_: App, { id }: Item) =>
  printable(id, { keepNewlines: true })
    .replaceAll("\t", "    ")
    .split("\n")
    .flatMap((row) => wrap(line(row), PREVIEW));

export const stashesDialog: ListSpec = {
  title: "Prompts put aside",
  empty: "None was put aside.",
  items: (app) =>
    app.memory
      .kept()
      .stashes.toReversed()
      .map((text) => ({ id: text, text: oneLine(text) })),
  preview: whole,
  choose(app, { id }) {
    forget(app, id);
    write(app, id);
  },
  keys: { "ctrl+d": { label: "drop", does: (app, { id }) => forget(app, id) } },
};

const forget = (app: App, text: string): void =>
  app.memory.change({ stashes: app.memory.kept().stashes.filter((one) => one !== text) });

export const promptsDialog: ListSpec = {
  title: "Older prompts",
  empty: "None was sent yet.",
  items: (app) => [...new Set(app.memory.prompts().toReversed())].map((text) => ({ id: text, text: oneLine(text) })),
  preview: whole,
  choose: (app, { id }) => write(app, id),
};

export const queueDialog: ListSpec = {
  title: "Queued prompts",
  empty: "Nothing waits.",
  items: (app) =>
    (app.server.take()?.queue ?? []).map(({ id, text, by, steers }, index) => ({
      id,
      text: oneLine(text),
      mark: steers === undefined ? String(index + 1) : "↳",
      right: by.name,
    })),
  choose(app, { id }) {
    const session = app.state().view?.id;
    const queued = app.state().view?.queue.find((one) => one.id === id);
    if (!session || !queued) return;
    app.input("Edit a queued prompt", "Enter keeps it; it is sent when its turn comes", queued.text, (text) =>
      app.attempt(async () => void (await app.server.call("queueEdit", { session, prompt: id, text }))),
    );
  },
  keys: {
    "ctrl+d": { label: "drop", does: (app, item) => change(app, item, "queueDrop") },
    "ctrl+up": { label: "earlier", does: (app, item) => move(app, item, -1) },
    "ctrl+down": { label: "later", does: (app, item) => move(app, item, 1) },
    "ctrl+s": { label: "tell it now", does: steer },
  },
};

async function change(app: App, { id }: Item, method: "queueDrop"): Promise<void> {
  const session = app.state().view?.id;
  if (session) await app.server.call(method, { session, prompt: id });
}

async function move(app: App, { id }: Item, by: number): Promise<void> {
  const { view } = app.state();
  const at = view?.queue.findIndex((one) => one.id === id) ?? -1;
  if (!view || at < 0) return;
  const to = Math.max(0, Math.min(view.queue.length - 1, at + by));
  await app.server.call("queueMove", { session: view.id, prompt: id, to });
}

/** Told to the running turn, and out of the queue only when that is certain. */
async function steer(app: App, { id }: Item): Promise<void> {
  const { view } = app.state();
  const queued = view?.queue.find((one) => one.id === id);
  if (!view || !queued || view.activity.state !== "running") return;
  await app.server.call("turnSteer", { session: view.id, turn: view.activity.turn, text: queued.text });
  await app.server.call("queueDrop", { session: view.id, prompt: id });
}
