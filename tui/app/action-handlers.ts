/** Implements every action of actions.ts; an action without a handler does not compile. */
import { nextAgent } from "../../client/agents.ts";
import { chooseModel, chooseTier, nextSettings, tierChoices, toTier } from "../../client/next-settings.ts";
import { nobody } from "../../protocol/participants.ts";
import { efforts, modes } from "../../protocol/settings.ts";
import { type ActionName, isAction, slashes } from "../actions.ts";
import { agentsDialog } from "../dialogs/agents.ts";
import { commentsDialog } from "../dialogs/comments.ts";
import { contextDialog } from "../dialogs/context.ts";
import { openFirstRun } from "../dialogs/first-run.ts";
import { modelsDialog, permissionsDialog, routeDialog, useModel } from "../dialogs/models.ts";
import { createHelpDialog, createPaletteDialog, keysDialog } from "../dialogs/palette.ts";
import { peopleDialog } from "../dialogs/people.ts";
import { planDialog } from "../dialogs/plan.ts";
import { pluginsDialog } from "../dialogs/plugins.ts";
import { promptsDialog, queueDialog, stashesDialog } from "../dialogs/prompts.ts";
import { sessionsDialog, timelineDialog } from "../dialogs/sessions.ts";
import { shareDialog } from "../dialogs/share.ts";
import { tasksDialog } from "../dialogs/tasks.ts";
import { createThemesDialog } from "../dialogs/themes.ts";
import { createTrustDialog } from "../dialogs/trust.ts";
import { usageDialog } from "../dialogs/usage.ts";
import { createWebDialog } from "../dialogs/web.ts";
import { getDraft } from "../edit/editor.ts";
import { expandChips, expandPasteAtCursor, insertAttachment } from "../edit/paste.ts";
import { parseExCommand } from "../keys/vim/ex.ts";
import type { App, RunAction } from "./app.ts";
import { readAttachment } from "./attachments.ts";
import { describeBinding } from "./bound-keys.ts";
import { readClipboardImage } from "./clipboard.ts";
import { editInExternalEditor } from "./external-editor.ts";
import { clearPrompt, resumeQueue, setPromptText, submitPrompt } from "./prompt.ts";
import { showNewerPrompt, showOlderPrompt } from "./prompt-history.ts";
import { scrollBy, scrollTo, searchTranscript, stepMatch, toggleFold } from "./scrolling.ts";
import { currentFolder } from "./state.ts";
import { addComment, takeWheel, toggleHand, withSession } from "./together.ts";

type ActionHandler = (app: App, argument: string) => void;

export const runAction: RunAction = (app, action, argument = "") => handlers[action](app, argument);

const handlers: Record<ActionName, ActionHandler> = {
  "palette.open"(app, text) {
    if (text !== ":") return app.openList(createPaletteDialog(runAction), text);
    app.openInput(":", "Command name, for example :sessions, :w or :q", "", (line) => {
      const parsed = parseExCommand(line, (slash) => slashes.get(slash));
      if ("problem" in parsed) return app.toast("warning", parsed.problem);
      for (const { action, argument } of parsed.commands) if (isAction(action)) runAction(app, action, argument);
    });
  },
  "help.open": (app) => app.openList(createHelpDialog(runAction)),
  "keys.open": (app) => app.openList(keysDialog),
  "app.quit": (app) => app.quit(),
  "app.interrupt": (app) => interruptOrQuit(app),
  "app.suspend": (app) => suspend(app),
  "app.redraw"(app) {
    app.screen.invalidate();
    app.set({}, "key");
  },
  "prompt.submit": (app) => submitPrompt(app, runAction, "send"),
  "prompt.steer": (app) => submitPrompt(app, runAction, "steer"),
  "prompt.stash"(app) {
    const { text } = expandChips(getDraft(app.state().input.editor));
    if (text.trim() === "") return app.openList(stashesDialog);
    app.store.update({ stashes: [...app.store.get().stashes, text] });
    clearPrompt(app);
    app.toast("info", "Stashed the prompt. Open it with /stashes.");
  },
  "prompt.stashes": (app) => app.openList(stashesDialog),
  "prompt.external": (app) =>
    app.attempt(async () => {
      const before = expandChips(getDraft(app.state().input.editor)).text;
      const text = await editInExternalEditor(app, before);
      if (text !== before) setPromptText(app, text);
    }),
  "prompt.older": showOlderPrompt,
  "prompt.newer": showNewerPrompt,
  "prompt.search": (app) => app.openList(promptsDialog),
  "prompt.expand"(app) {
    const { input } = app.state();
    const editor = expandPasteAtCursor(input.editor);
    if (editor) app.set({ input: { ...input, editor } }, "key");
  },
  "prompt.attach"(app, path) {
    const attach = (named: string): void =>
      app.attempt(async () => {
        const attachment = await readAttachment(app.state().cwd, named);
        const { input } = app.state();
        app.set({ input: { ...input, editor: insertAttachment(input.editor, attachment) } }, "key");
      });
    if (path !== "") attach(path);
    else app.openInput("Attach a file", "Path, absolute or relative to the working folder", "", attach);
  },
  "prompt.pasteImage": (app) =>
    app.attempt(async () => {
      const image = await readClipboardImage();
      if (!image) return app.toast("info", "No image found in the clipboard.");
      const { input } = app.state();
      app.set({ input: { ...input, editor: insertAttachment(input.editor, image) } }, "key");
    }),
  "turn.interrupt": (app) => interrupt(app),
  "queue.open": (app) => app.openList(queueDialog),
  "queue.resume": (app) => resumeQueue(app),
  "tasks.open": (app) => app.openList(tasksDialog),
  "plan.open": (app) => app.openList(planDialog),
  "transcript.focus"(app) {
    if ((app.state().view?.parts.length ?? 0) > 0) app.set({ focus: "transcript" }, "key");
  },
  "transcript.up": (app) => scrollBy(app, -1),
  "transcript.down": (app) => scrollBy(app, 1),
  "transcript.halfUp": (app) => scrollBy(app, -Math.ceil(app.pageRows() / 2)),
  "transcript.halfDown": (app) => scrollBy(app, Math.ceil(app.pageRows() / 2)),
  "transcript.pageUp": (app) => scrollBy(app, 1 - app.pageRows()),
  "transcript.pageDown": (app) => scrollBy(app, app.pageRows() - 1),
  "transcript.top": (app) => scrollTo(app, "first"),
  "transcript.bottom": (app) => app.set({ scroll: { follows: true } }, "key"),
  "transcript.previousPrompt": (app) => scrollTo(app, "previousPrompt"),
  "transcript.nextPrompt": (app) => scrollTo(app, "nextPrompt"),
  "transcript.search"(app, text) {
    if (text !== "") searchTranscript(app, text);
    else app.openInput("Search this session", describeSearch(app), "", (input) => searchTranscript(app, input));
  },
  "transcript.searchNext": (app) => stepMatch(app, 1),
  "transcript.searchPrevious": (app) => stepMatch(app, -1),
  "transcript.fold": (app) => toggleFold(app),
  "transcript.foldAll"(app) {
    const { folds } = app.state();
    app.set({ folds: { ...folds, all: !folds.all, toggled: new Set() } }, "key");
  },
  "transcript.copy"(app) {
    const last = app.state().view?.parts.findLast(({ type }) => type === "text");
    if (last?.type !== "text") return app.toast("info", "No response to copy yet.");
    app.screen.copy(last.text);
    app.toast("info", "Copied the last response.");
  },
  "session.new": (app) => leaveSession(app),
  "sessions.open": (app) => app.openList(sessionsDialog),
  "session.rename"(app, title) {
    const rename = (input: string): void =>
      withSession(app, (session) => app.server.call("sessionRename", { session, title: input.trim() }));
    if (title !== "") rename(title);
    else app.openInput("Rename this session", "New title", app.state().view?.title ?? "", rename);
  },
  "session.fork": (app) =>
    withSession(app, async (session) => {
      const fork = await app.server.call("sessionFork", { session });
      await app.showSession(fork.session);
      app.toast("info", "Forked the session. The original is unchanged.");
    }),
  "session.compact": (app, focus) =>
    withSession(app, (session) => app.server.call("sessionCompact", { session, focus })),
  "session.archive": (app) =>
    withSession(app, async (session) => {
      await app.server.call("sessionArchive", { session });
      leaveSession(app);
      app.toast("info", "Archived the session.");
    }),
  "share.open": (app) => app.openList(shareDialog),
  "web.open": (app) => app.openList(createWebDialog()),
  "people.open": (app) => app.openList(peopleDialog),
  "wheel.take": takeWheel,
  "hand.toggle": toggleHand,
  "comment.add": addComment,
  "comments.open": (app) => app.openList(commentsDialog),
  "session.parent"(app) {
    const parent = app.state().view?.task?.session;
    if (parent === undefined) return app.toast("info", "This session was not started by another one.");
    app.attempt(() => app.showSession(parent));
  },
  "timeline.open": (app) => app.openList(timelineDialog),
  "agent.cycle"(app) {
    const { agents, settings } = app.state();
    app.set({ settings: { ...settings, agent: nextAgent(agents, nextSettings(app.state()).agent) } }, "key");
  },
  "agents.open"(app, name) {
    if (name === "") return app.openList(agentsDialog);
    app.attempt(async () => {
      const agent = await app.server.call("agentRead", { cwd: currentFolder(app.state()), name });
      app.set({ settings: { ...app.state().settings, agent: agent.name } }, "key");
    });
  },
  "models.open"(app, model) {
    if (model === "") return app.openList(modelsDialog);
    app.attempt(async () => {
      const checked = await app.server.call("modelCheck", { model });
      useModel(app, checked.model);
      if (checked.warning !== null) app.toast("warning", checked.warning);
    });
  },
  "setup.open": (app) => openFirstRun(app),
  "model.next"(app) {
    const { recent } = app.store.get();
    const { settings } = app.state();
    const at = recent.indexOf(nextSettings(app.state()).model);
    const next = recent[(at + 1) % recent.length];
    if (next === undefined) return app.openList(modelsDialog);
    app.set({ settings: chooseModel(settings, next) }, "key");
  },
  "tier.cycle"(app, name) {
    const { settings } = app.state();
    const tier = nextOption(app, tierChoices, name, nextSettings(app.state()).tier || "auto");
    if (tier) app.set({ settings: chooseTier(settings, toTier(tier)) }, "key");
  },
  "route.explain": (app) => app.openList(routeDialog),
  "effort.cycle"(app, level) {
    const { settings } = app.state();
    const effort = nextOption(app, efforts, level, nextSettings(app.state()).effort);
    if (effort) app.set({ settings: { ...settings, effort } }, "key");
  },
  "mode.cycle"(app, name) {
    const { settings } = app.state();
    const mode = nextOption(app, modes, name, nextSettings(app.state()).mode);
    if (mode) app.set({ settings: { ...settings, mode } }, "key");
  },
  "permissions.open": (app) => app.openList(permissionsDialog),
  "trust.open": (app) =>
    app.attempt(async () =>
      app.openList(createTrustDialog(await app.server.call("trustRead", { cwd: app.state().cwd }))),
    ),
  "context.open": (app) => app.openList(contextDialog),
  "usage.open": (app) => app.openList(usageDialog),
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
    app.set({ diffs: app.splitsDiffs() ? "unified" : "split" }, "key");
  },
  "plugins.open": (app) => app.openList(pluginsDialog),
  "themes.open"(app, name) {
    if (name === "") return app.openList(createThemesDialog());
    app.attempt(async () => {
      const problem = await app.themes.choose(name);
      if (problem !== null) return app.toast("error", problem);
      await app.server.call("configWrite", { key: "theme", text: JSON.stringify(name) });
      app.store.update({ theme: name });
    });
  },
  "mouse.toggle"(app) {
    const mouse = !app.state().mouse;
    app.screen.setMouse(mouse);
    app.set({ mouse }, "key");
    app.toast("info", mouse ? "Mouse capture on." : "Mouse capture off. Select and copy with your terminal.");
  },
  "dialog.close": (app) => app.closeDialog(),
};

/** The option of this name, or the one after the current if `name` is empty. Null, with a toast, if there is no such option. */
function nextOption<T extends string>(app: App, options: readonly T[], name: string, current: string): T | null {
  if (name === "") return options[((options as readonly string[]).indexOf(current) + 1) % options.length] ?? null;
  const option = options.find((one) => one === name);
  if (!option) app.toast("warning", `Unknown value ${name}. Use one of ${options.join(", ")}.`);
  return option ?? null;
}

function leaveSession(app: App): void {
  app.server.unwatch();
  app.set({ view: null, scroll: { follows: true }, search: null, participants: nobody, focus: "prompt" }, "key");
}

function interrupt(app: App): void {
  const { view, scroll, search: found } = app.state();
  if (view?.activity.state === "running") {
    const session = view.id;
    app.attempt(async () => void (await app.server.call("turnCancel", { session })));
  } else if (found) app.set({ search: null }, "key");
  else if (!scroll.follows) app.set({ scroll: { follows: true } }, "key");
}

const describeSearch = (app: App): string =>
  `Enter to search; then ${describeBinding(app, "transcript.searchNext")} and ${describeBinding(app, "transcript.searchPrevious")} for the next and previous match`;

const QUIT_AGAIN_MS = 2_000;
const SUSPEND_TIMEOUT_MS = 300;

/** Ctrl+C clears the prompt, else stops the turn, else quits when it is pressed twice. */
function interruptOrQuit(app: App) {
  const { input, view, quitRequestedAt } = app.state();
  const now = app.now();
  if (input.editor.text !== "") return clearPrompt(app);
  if (view?.activity.state === "running") interrupt(app);
  else if (quitRequestedAt !== null && now - quitRequestedAt < QUIT_AGAIN_MS) return app.quit();
  else app.toast("info", `Press ${describeBinding(app, "app.interrupt")} again to quit.`);
  app.set({ quitRequestedAt: now });
}

function suspend(app: App): void {
  app.screen.suspend();
  const resume = (): void => {
    clearTimeout(timer);
    process.off("SIGCONT", resume);
    app.screen.resume();
    app.set({}, "key");
  };
  process.once("SIGCONT", resume);
  // Without a shell with job control, the signal stops nothing.
  const timer = setTimeout(resume, SUSPEND_TIMEOUT_MS);
  // The whole process group, so that a launcher between the shell and this process stops too.
  process.kill(0, "SIGTSTP");
}
