/** Sessions to go on with, and the prompts of this one to go back to. */

import type { Part } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { emptyView, reduceAll } from "../../protocol/view.ts";
import type { App, ListSpec } from "../app/app.ts";
import type { Item } from "../app/state.ts";
import { write } from "../app/write.ts";
import type { Line } from "../draw/style.ts";
import { line } from "../draw/style.ts";
import { wrap } from "../draw/wrap.ts";
import { tilde } from "../paths.ts";
import { ago } from "../screens/ago.ts";

const PAGE = 200;
const PREVIEW = 60;
const PREVIEW_EVENTS = 120;

export const sessionsDialog: ListSpec = {
  title: "Sessions",
  empty: "There is none yet.",
  items: (app) => listed(app),
  async search(app, text) {
    const word = text.trim().toLowerCase();
    const [all, { hits }] = await Promise.all([
      listed(app),
      app.server.call("sessionSearch", { text: word, limit: 50 }),
    ]);
    const titled = all.filter((item) => `${item.text} ${item.detail}`.toLowerCase().includes(word));
    const said = hits
      .filter(({ session }, index) => hits.findIndex((hit) => hit.session === session) === index)
      .filter(({ session }) => !titled.some(({ id }) => id === session))
      .map(
        ({ session, title, excerpt }): Item => ({
          id: session,
          text: title || "untitled",
          detail: excerpt.replaceAll("\n", " "),
          group: "Said in it",
        }),
      );
    return [...titled, ...said];
  },
  current: (app) => app.state().view?.id,
  async preview(app, { id }) {
    const { envelopes } = await app.server.call("sessionRead", { session: id, limit: PREVIEW_EVENTS });
    const { parts } = reduceAll(emptyView, envelopes);
    return parts.slice(-20).flatMap(previewOf).slice(-36);
  },
  choose: (app, { id }) => app.show(id),
  keys: {
    "ctrl+s": { label: "pin", does: (app, { id }) => pin(app, id) },
    "ctrl+r": {
      label: "rename",
      does: (app, { id, text }) =>
        app.input("Rename", "Enter keeps the new title", text, (title) =>
          app.attempt(async () => void (await app.server.call("sessionRename", { session: id, title }))),
        ),
    },
    "ctrl+f": {
      label: "fork",
      async does(app, { id }) {
        const { session } = await app.server.call("sessionFork", { session: id });
        app.close();
        await app.show(session);
      },
    },
    "ctrl+d": {
      label: "archive",
      does: async (app, { id }) => void (await app.server.call("sessionArchive", { session: id })),
    },
  },
};

async function listed(app: App): Promise<Item[]> {
  const { sessions } = await app.server.call("sessionList", { limit: PAGE });
  const { pins } = app.memory.kept();
  const { now, cwd } = app.state();
  const group = (id: string, where: string): string =>
    pins.includes(id) ? "Pinned" : where === cwd ? "This folder" : "Elsewhere";
  const order = ["Pinned", "This folder", "Elsewhere"];
  return sessions
    .map(({ id, title, cwd: where, updatedAt, running }): Item & { group: string } => ({
      id,
      text: title || "untitled",
      detail: where === cwd ? "" : tilde(where, process.env.HOME),
      right: ago(now - updatedAt),
      mark: running ? "●" : "",
      group: group(id, where),
    }))
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
}

function pin(app: App, id: string): void {
  const { pins } = app.memory.kept();
  app.memory.change({ pins: pins.includes(id) ? pins.filter((one) => one !== id) : [...pins, id] });
}

function previewOf(part: Part): Line[] {
  const rows = (text: string, style: Parameters<typeof line>[1]): Line[] =>
    printable(text, { keepNewlines: true })
      .replaceAll("\t", "    ")
      .split("\n")
      .slice(0, 8)
      .flatMap((row) => wrap(line(row, style), PREVIEW));
  if (part.type === "prompt") return [[], ...rows(part.text, { fg: "user", bold: true })];
  if (part.type === "text") return rows(part.text, {});
  return part.type === "call" ? rows(`${part.kind} ${part.title}`, { fg: "muted" }) : [];
}

/** Back to a prompt: a fork that ends before it, with its text to be written anew. This session stays as it is. */
export const timelineDialog: ListSpec = {
  title: "Go back to a prompt",
  empty: "Nothing was asked yet.",
  async items(app) {
    if ((app.state().view?.earlier ?? 0) > 0) await app.server.older("all");
    return (app.server.take()?.parts ?? [])
      .flatMap((part) => (part.type === "prompt" && part.id === part.turn ? [part] : []))
      .map(({ id, text, at }) => ({ id, text: text.replaceAll("\n", " ⏎ "), right: ago(app.state().now - at) }))
      .reverse();
  },
  preview(app, { id }) {
    const parts = app.state().view?.parts ?? [];
    const from = parts.findIndex((part) => part.id === id);
    return parts
      .slice(from, from + 20)
      .flatMap(previewOf)
      .slice(1, 36);
  },
  async choose(app, { id }) {
    const { view } = app.state();
    const prompt = view?.parts.find((part) => part.id === id);
    if (!view || prompt?.type !== "prompt") return;
    const seq = await before(app, view.id, id);
    if (seq === null) return app.toast("warning", "The beginning of that turn could not be found.");
    const { session } = await app.server.call("sessionFork", { session: view.id, seq });
    await app.show(session);
    write(app, prompt.text);
    app.toast("info", "Files are as they are now; only the conversation went back. The other session is kept.");
  },
};

const READ = 10_000;

/** The number of the last event before that turn. */
async function before(app: App, session: string, turn: string): Promise<number | null> {
  let end: number | undefined;
  for (;;) {
    const { envelopes, more } = await app.server.call("sessionRead", {
      session,
      limit: READ,
      ...(end !== undefined && { before: end }),
    });
    // A prompt that waited was in the queue before: it would wait there again.
    const queued = envelopes.find(({ event }) => event.type === "turn.started" && event.turn === turn);
    if (queued?.event.type === "turn.started") {
      const { prompt } = queued.event;
      const asked = envelopes.find(({ event }) => event.type === "prompt.queued" && event.prompt === prompt);
      return (asked?.seq ?? queued.seq) - 1;
    }
    if (!more || envelopes[0] === undefined) return null;
    end = envelopes[0].seq;
  }
}
