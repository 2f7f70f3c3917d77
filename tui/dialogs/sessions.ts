/** Dialogs to switch to another session, and to rewind this one to an earlier prompt. */
import type { Part } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { emptyView, reduceAll } from "../../protocol/view.ts";
import type { App, ListSpec } from "../app/app.ts";
import { setPromptText } from "../app/prompt.ts";
import type { Item } from "../app/state.ts";
import type { Line } from "../draw/style.ts";
import { line } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";
import { abbreviateHome } from "../paths.ts";
import { formatAgo } from "../screens/format-time.ts";

const PAGE = 200;
const PREVIEW_COLUMNS = 60;
const PREVIEW_EVENTS = 120;
const READ_LIMIT = 10_000;

export const sessionsDialog: ListSpec = {
  title: "Sessions",
  empty: "No sessions yet.",
  items: (app) => listSessions(app),
  async search(app, text) {
    const word = text.trim().toLowerCase();
    const [all, { hits }] = await Promise.all([
      listSessions(app),
      app.server.call("sessionSearch", { text: word, limit: 50 }),
    ]);
    const titled = all.filter((item) => `${item.text} ${item.detail}`.toLowerCase().includes(word));
    const matches = hits
      .filter(({ session }, index) => hits.findIndex((hit) => hit.session === session) === index)
      .filter(({ session }) => !titled.some(({ id }) => id === session))
      .map(
        ({ session, title, excerpt }): Item => ({
          id: session,
          text: title || "untitled",
          detail: excerpt.replaceAll("\n", " "),
          group: "Text matches",
        }),
      );
    return [...titled, ...matches];
  },
  initialItem: (app) => app.state().view?.id,
  async preview(app, { id }) {
    const { envelopes } = await app.server.call("sessionRead", { session: id, limit: PREVIEW_EVENTS });
    const { parts } = reduceAll(emptyView, envelopes);
    return parts.slice(-20).flatMap(previewPart).slice(-36);
  },
  choose: (app, { id }) => app.showSession(id),
  keys: {
    "ctrl+s": { label: "pin", run: (app, { id }) => togglePin(app, id) },
    "ctrl+r": {
      label: "rename",
      run: (app, { id, text }) =>
        app.openInput("Rename the session", "New title", text, (title) =>
          app.attempt(async () => void (await app.server.call("sessionRename", { session: id, title }))),
        ),
    },
    "ctrl+f": {
      label: "fork",
      async run(app, { id }) {
        const { session } = await app.server.call("sessionFork", { session: id });
        app.closeDialog();
        await app.showSession(session);
      },
    },
    "ctrl+d": {
      label: "archive",
      run: async (app, { id }) => void (await app.server.call("sessionArchive", { session: id })),
    },
  },
};

async function listSessions(app: App): Promise<Item[]> {
  const { sessions } = await app.server.call("sessionList", { limit: PAGE });
  const { pins } = app.store.get();
  const { now, cwd } = app.state();
  const group = (id: string, folder: string): string =>
    pins.includes(id) ? "Pinned" : folder === cwd ? "This folder" : "Other folders";
  const order = ["Pinned", "This folder", "Other folders"];
  return sessions
    .map(({ id, title, cwd: folder, updatedAt, running }): Item & { group: string } => ({
      id,
      text: title || "untitled",
      detail: folder === cwd ? "" : abbreviateHome(folder, process.env.HOME),
      right: formatAgo(now - updatedAt),
      mark: running ? "●" : "",
      group: group(id, folder),
    }))
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
}

function togglePin(app: App, id: string): void {
  const { pins } = app.store.get();
  app.store.update({ pins: pins.includes(id) ? pins.filter((one) => one !== id) : [...pins, id] });
}

function previewPart(part: Part): Line[] {
  const rows = (text: string, style: Parameters<typeof line>[1]): Line[] =>
    printable(text, { keepNewlines: true })
      .replaceAll("\t", "    ")
      .split("\n")
      .slice(0, 8)
      .flatMap((row) => wrapLine(line(row, style), PREVIEW_COLUMNS));
  if (part.type === "prompt") return [[], ...rows(part.text, { fg: "user", bold: true })];
  if (part.type === "text") return rows(part.text, {});
  return part.type === "call" ? rows(`${part.kind} ${part.title}`, { fg: "muted" }) : [];
}

/** Forks the session before a prompt, and puts the text of that prompt into the editor. The original session is unchanged. */
export const timelineDialog: ListSpec = {
  title: "Rewind to a prompt",
  empty: "No prompts yet.",
  async items(app) {
    if ((app.state().view?.earlier ?? 0) > 0) await app.server.fetchEarlier("all");
    return (app.server.currentView()?.parts ?? [])
      .flatMap((part) => (part.type === "prompt" && part.id === part.turn ? [part] : []))
      .map(({ id, text, at }) => ({ id, text: text.replaceAll("\n", " ⏎ "), right: formatAgo(app.state().now - at) }))
      .reverse();
  },
  preview(app, { id }) {
    const parts = app.state().view?.parts ?? [];
    const from = parts.findIndex((part) => part.id === id);
    return parts
      .slice(from, from + 20)
      .flatMap(previewPart)
      .slice(1, 36);
  },
  async choose(app, { id }) {
    const { view } = app.state();
    const prompt = view?.parts.find((part) => part.id === id);
    if (!view || prompt?.type !== "prompt") return;
    const seq = await findSeqBefore(app, view.id, id);
    if (seq === null) return app.toast("warning", "Cannot rewind: the start of that turn was not found.");
    const { session } = await app.server.call("sessionFork", { session: view.id, seq });
    await app.showSession(session);
    setPromptText(app, prompt.text);
    app.toast("info", "Rewound the conversation in a fork. Files and the original session are unchanged.");
  },
};

/** The sequence number of the last event before that turn. */
async function findSeqBefore(app: App, session: string, turn: string): Promise<number | null> {
  let end: number | undefined;
  for (;;) {
    const { envelopes, more } = await app.server.call("sessionRead", {
      session,
      limit: READ_LIMIT,
      ...(end !== undefined && { before: end }),
    });
    // A prompt that was queued is excluded from the fork as well; otherwise it would be queued again.
    const start = envelopes.find(({ event }) => event.type === "turn.started" && event.turn === turn);
    if (start?.event.type === "turn.started") {
      const { prompt } = start.event;
      const queued = envelopes.find(({ event }) => event.type === "prompt.queued" && event.prompt === prompt);
      return (queued?.seq ?? start.seq) - 1;
    }
    if (!more || envelopes[0] === undefined) return null;
    end = envelopes[0].seq;
  }
}
