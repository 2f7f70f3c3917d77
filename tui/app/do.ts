/** What each action does. The compiler holds this table to actions.ts: an action without an entry is an error. */
import { type ActionName, isAction, slashes } from "../actions.ts";
import { modelsDialog, permissionsDialog, usageDialog } from "../dialogs/models.ts";
import { helpDialog, keysDialog, paletteDialog } from "../dialogs/palette.ts";
import { pluginsDialog } from "../dialogs/plugins.ts";
import { promptsDialog, queueDialog, stashesDialog } from "../dialogs/prompts.ts";
import { sessionsDialog, timelineDialog } from "../dialogs/sessions.ts";
import { themesDialog } from "../dialogs/themes.ts";
import { trustDialog } from "../dialogs/trust.ts";
import { draftOf } from "../edit/editor.ts";
import { attached, expanded, unfolded } from "../edit/paste.ts";
import { exCommand } from "../keys/vim/ex.ts";
import type { App, Does } from "./app.ts";
import { clipboardImage } from "./clipboard.ts";
import { writtenElsewhere } from "./external.ts";
import { attachmentOf } from "./files.ts";
import { newer, older } from "./older.ts";
import { clear, submit } from "./prompt.ts";
import { scrollBy, scrollTo, search, stepFound, turnFold } from "./scrolling.ts";
import { useModel } from "./settings.ts";
import { write } from "./write.ts";

type Act = (app: App, argument: string) => void;

const efforts = ["none", "low", "medium", "high"] as const;
const modes = ["plan", "ask", "edit", "auto"] as const;

export const act: Does = (app, action, argument = "") => table[action](app, argument);

const table: Record<ActionName, Act> = {
  "palette.open"(app, text) {
    if (text !== ":") return app.open(paletteDialog(act), text);
    app.input(":", "a command by its name, as :sessions, :w, :q", "", (line) => {
      const read = exCommand(line, (slash) => slashes.get(slash));
      if ("problem" in read) return app.toast("warning", read.problem);
      for (const { action, argument } of read.does) if (isAction(action)) act(app, action, argument);
    });
  },
  "help.open": (app) => app.open(helpDialog(act)),
  "keys.open": (app) => app.open(keysDialog),
  "app.quit": (app) => app.quit(),
  "app.interrupt": (app) => interruptOrQuit(app),
  "app.suspend": (app) => suspend(app),
  "app.redraw"(app) {
    app.screen.forget();
    app.set({}, "key");
  },
  "prompt.submit": (app) => submit(app, act, "send"),
  "prompt.steer": (app) => submit(app, act, "steer"),
  "prompt.stash"(app) {
    const { text } = expanded(draftOf(app.state().typing.editor));
    if (text.trim() === "") return app.open(stashesDialog);
    app.memory.change({ stashes: [...app.memory.kept().stashes, text] });
    clear(app);
    app.toast("info", "Put aside; /stashes has it.");
  },
  "prompt.stashes": (app) => app.open(stashesDialog),
  "prompt.external": (app) =>
    app.attempt(async () => {
      const before = expanded(draftOf(app.state().typing.editor)).text;
      const text = await writtenElsewhere(app, before);
      if (text !== before) write(app, text);
    }),
  "prompt.older": older,
  "prompt.newer": newer,
  "prompt.search": (app) => app.open(promptsDialog),
  "prompt.expand"(app) {
    const { typing } = app.state();
    const editor = unfolded(typing.editor);
    if (editor) app.set({ typing: { ...typing, editor } }, "key");
  },
  "prompt.attach"(app, path) {
    const attach = (named: string): void =>
      app.attempt(async () => {
        const attachment = await attachmentOf(app.state().cwd, named);
        const { typing } = app.state();
        app.set({ typing: { ...typing, editor: attached(typing.editor, attachment) } }, "key");
      });
    if (path !== "") attach(path);
    else app.input("Attach a file", "a path, absolute or from the working folder", "", attach);
  },
  "prompt.pasteImage": (app) =>
    app.attempt(async () => {
      const image = await clipboardImage();
      if (!image) return app.toast("info", "There is no picture in the clipboard that could be read.");
      const { typing } = app.state();
      app.set({ typing: { ...typing, editor: attached(typing.editor, image) } }, "key");
    }),
  "turn.interrupt": (app) => interrupt(app),
  "queue.open": (app) => app.open(queueDialog),
  "transcript.up": (app) => scrollBy(app, -1),
  "transcript.down": (app) => scrollBy(app, 1),
  "transcript.halfUp": (app) => scrollBy(app, -Math.ceil(app.page() / 2)),
  "transcript.halfDown": (app) => scrollBy(app, Math.ceil(app.page() / 2)),
  "transcript.pageUp": (app) => scrollBy(app, 1 - app.page()),
  "transcript.pageDown": (app) => scrollBy(app, app.page() - 1),
  "transcript.top": (app) => scrollTo(app, "first"),
  "transcript.bottom": (app) => app.set({ scroll: { follows: true } }, "key"),
  "transcript.previousPrompt": (app) => scrollTo(app, "previousPrompt"),
  "transcript.nextPrompt": (app) => scrollTo(app, "nextPrompt"),
  "transcript.search"(app, text) {
    if (text !== "") search(app, text);
    else
      app.input("Search in this session", "Enter searches; n and N go on in the transcript", "", (typed) =>
        search(app, typed),
      );
  },
  "transcript.searchNext": (app) => stepFound(app, 1),
  "transcript.searchPrevious": (app) => stepFound(app, -1),
  "transcript.fold": (app) => turnFold(app),
  "transcript.foldAll"(app) {
    const { folds } = app.state();
    app.set({ folds: { ...folds, all: !folds.all, turned: new Set() } }, "key");
  },
  "transcript.copy"(app) {
    const last = app.state().view?.parts.findLast(({ type }) => type === "text");
    if (last?.type !== "text") return app.toast("info", "There is no answer to copy yet.");
    app.screen.copy(last.text);
    app.toast("info", "The last answer is in the clipboard.");
  },
  "session.new": (app) => leaveSession(app),
  "sessions.open": (app) => app.open(sessionsDialog),
  "session.rename"(app, title) {
    const rename = (to: string): void =>
      withSession(app, (session) => app.server.call("sessionRename", { session, title: to.trim() }));
    if (title !== "") rename(title);
    else app.input("Rename this session", "Enter keeps the new title", app.state().view?.title ?? "", rename);
  },
  "session.fork": (app) =>
    withSession(app, async (session) => {
      const made = await app.server.call("sessionFork", { session });
      await app.show(made.session);
      app.toast("info", "This is a copy now; the other session stays as it is.");
    }),
  "session.archive": (app) =>
    withSession(app, async (session) => {
      await app.server.call("sessionArchive", { session });
      leaveSession(app);
      app.toast("info", "Archived.");
    }),
  "timeline.open": (app) => app.open(timelineDialog),
  "models.open"(app, model) {
    if (model === "") return app.open(modelsDialog);
    useModel(app, model);
  },
  "model.next"(app) {
    const { recent } = app.memory.kept();
    const { settings, usual } = app.state();
    const at = recent.indexOf(settings.model ?? usual.model);
    const next = recent[(at + 1) % recent.length];
    if (next === undefined) return app.open(modelsDialog);
    app.set({ settings: { ...settings, model: next } }, "key");
  },
  "effort.cycle"(app, level) {
    const { settings, usual } = app.state();
    const effort = chosen(app, efforts, level, settings.effort ?? usual.effort);
    if (effort) app.set({ settings: { ...settings, effort } }, "key");
  },
  "mode.cycle"(app, name) {
    const { settings, usual } = app.state();
    const mode = chosen(app, modes, name, settings.mode ?? usual.mode);
    if (mode) app.set({ settings: { ...settings, mode } }, "key");
  },
  "permissions.open": (app) => app.open(permissionsDialog),
  "trust.open": (app) =>
    app.attempt(async () => app.open(trustDialog(await app.server.call("trustRead", { cwd: app.state().cwd })))),
  "usage.open": (app) => app.open(usageDialog),
  "sidebar.toggle"(app) {
    const { sidebar, columns } = app.state();
    const shown = sidebar === "shown" || (sidebar === "auto" && columns >= 120);
    app.set({ sidebar: shown ? "hidden" : "shown" }, "key");
  },
  "reasoning.toggle"(app) {
    const { folds } = app.state();
    app.set({ folds: { ...folds, reasoning: !folds.reasoning } }, "key");
  },
  "diff.toggle"(app) {
    const { diffs } = app.state();
    app.set({ diffs: diffs === "split" ? "unified" : "split" }, "key");
  },
  "plugins.open": (app) => app.open(pluginsDialog),
  "themes.open"(app, name) {
    if (name === "") return app.open(themesDialog);
    app.attempt(async () => {
      const problem = await app.themes.choose(name);
      if (problem !== null) return app.toast("error", problem);
      await app.server.call("configWrite", { key: "theme", text: JSON.stringify(name) });
      app.memory.change({ theme: name });
    });
  },
  "mouse.toggle"(app) {
    const mouse = !app.state().mouse;
    app.screen.mouse(mouse);
    app.set({ mouse }, "key");
    app.toast("info", mouse ? "The mouse is Tutti's." : "The mouse is the terminal's: select and copy as usual.");
  },
  "dialog.close": (app) => app.close(),
};

/** What was asked for, or the one after the current; null, with a word, where there is no such. */
function chosen<T extends string>(app: App, all: readonly T[], asked: string, current: string): T | null {
  if (asked === "") return all[((all as readonly string[]).indexOf(current) + 1) % all.length] ?? null;
  const found = all.find((one) => one === asked);
  if (!found) app.toast("warning", `${asked} is none of ${all.join(", ")}.`);
  return found ?? null;
}

function withSession(app: App, work: (session: string) => Promise<unknown>) {
  const session = app.state().view?.id;
  if (session === undefined) return app.toast("info", "There is no session yet: the first prompt makes one.");
  app.attempt(async () => void (await work(session)));
}

function leaveSession(app: App): void {
  app.server.leave();
  app.set({ view: null, scroll: { follows: true }, search: null, participants: [], focus: "prompt" }, "key");
}

function interrupt(app: App): void {
  const { view, scroll, search: found } = app.state();
  if (view?.activity.state === "running") {
    const session = view.id;
    app.attempt(async () => void (await app.server.call("turnCancel", { session })));
  } else if (found) app.set({ search: null }, "key");
  else if (!scroll.follows) app.set({ scroll: { follows: true } }, "key");
  else if (view && view.parts.length > 0) app.set({ focus: "transcript" }, "key");
}

const AGAIN_MS = 2_000;
const UNSTOPPED_MS = 300;
let quitAt = Number.NEGATIVE_INFINITY;

/** Ctrl+C first takes away what is written, then stops what runs, then leaves when it comes twice. */
function interruptOrQuit(app: App) {
  const { typing, view, now } = app.state();
  if (typing.editor.text !== "") return clear(app);
  if (view?.activity.state === "running") interrupt(app);
  else if (now - quitAt < AGAIN_MS) return app.quit();
  else app.toast("info", "Again to quit.");
  quitAt = now;
}

function suspend(app: App): void {
  app.screen.lend();
  const back = (): void => {
    clearTimeout(timer);
    process.off("SIGCONT", back);
    app.screen.takeBack();
    app.set({}, "key");
  };
  process.once("SIGCONT", back);
  // Where no shell is there to go on from, the signal stops nothing.
  const timer = setTimeout(back, UNSTOPPED_MS);
  // The launcher that may stand between the shell and this process stops, too.
  process.kill(0, "SIGTSTP");
}
