/** Loads what the UI needs each time the server is connected: the settings, the folder's facts, and at first the session to start with. */

import { findInitialSession } from "../../client/find-session.ts";
import { refreshPendingTrust } from "../dialogs/trust.ts";
import { type Keyboard, openKeyboard } from "../keys/keyboard.ts";
import type { TuiOptions } from "../options.ts";
import { isPluginThemeName } from "../theme/plugin-themes.ts";
import { runAction } from "./action-handlers.ts";
import type { App } from "./app.ts";
import { readSettings, type TerminalSettings } from "./configuration.ts";
import { hasModel } from "./model-setup.ts";
import type { Notifier } from "./notifier.ts";
import type { PluginContributions } from "./plugin-contributions.ts";
import { setPromptText } from "./prompt.ts";

export interface Startup {
  /** Call for the first connection and after each reconnect. */
  onConnected(): Promise<void>;
  onConfigChanged(): Promise<void>;
}

export interface StartupDeps {
  app: App;
  options: Pick<TuiOptions, "theme" | "session" | "fork" | "prompt" | "settings">;
  notifier: Notifier;
  plugins: PluginContributions;
  setKeyboard(keyboard: Keyboard): void;
}

const MAX_RECENT = 8;

export function createStartup({ app, options, notifier, plugins, setKeyboard }: StartupDeps): Startup {
  let isStarted = false;

  const applySettings = ({ keys, bindings, notify, theme, ...defaults }: TerminalSettings): void => {
    const { keyboard, problems } = openKeyboard(keys, bindings);
    setKeyboard(keyboard);
    for (const problem of problems) app.toast("warning", problem);
    notifier.setEnabled(notify);
    app.set({ defaults });
    if (options.theme === "" && theme !== app.store.get().theme) app.store.update({ theme });
    // A plugin's theme cannot be loaded before the server is connected, and may have changed since.
    const selected = app.themes.selected();
    const themeToLoad = options.theme === "" ? theme : isPluginThemeName(selected) ? selected : null;
    app.attempt(async () => {
      const problem = themeToLoad === null ? null : await app.themes.choose(themeToLoad);
      if (problem !== null) app.toast("error", problem);
    });
  };
  const startSession = async (): Promise<void> => {
    const showNone = (message: string): void => app.toast("info", message);
    const id = await findInitialSession(app.server, options.session, app.state().cwd, showNone);
    if (id !== null) {
      const { session } = options.fork ? await app.server.call("sessionFork", { session: id }) : { session: id };
      await app.showSession(session);
    }
    if (options.prompt !== "") {
      await plugins.refresh();
      setPromptText(app, options.prompt);
      runAction(app, "prompt.submit");
    }
  };
  /** Opens the first-run dialog if there is no model to use. What the user is already typing must not end up in it. */
  const checkModel = async (): Promise<void> => {
    const { view, defaults } = app.state();
    if (options.settings.model !== undefined || defaults.model !== "" || (view && view.model !== "")) return;
    if (await hasModel(app.server)) return;
    app.set({ needsModel: true });
    if (app.state().dialogs.length === 0 && app.state().input.editor.text === "") runAction(app, "setup.open");
  };
  return {
    async onConnected() {
      const { cwd } = app.state();
      const isFirst = !isStarted;
      isStarted = true;
      if (isFirst) await startSession();
      void plugins.refresh();
      const [settings, { branch }, { sessions }] = await Promise.all([
        readSettings(app.server, cwd),
        app.server.call("workspaceInfo", { cwd }),
        app.server.call("sessionList", { cwd, limit: MAX_RECENT }),
      ]);
      applySettings(settings);
      if (isFirst) app.attempt(checkModel);
      await refreshPendingTrust(app);
      const { pendingTrust, view } = app.state();
      if (isFirst && pendingTrust > 0 && view)
        app.toast("info", "This folder's configuration is not trusted yet. Review it with /trust.");
      app.set({ branch, recent: sessions.map(({ id, title, updatedAt }) => ({ id, title, updatedAt })) });
    },
    async onConfigChanged() {
      void plugins.refresh();
      applySettings(await readSettings(app.server, app.state().cwd));
      if (app.state().defaults.model !== "") app.set({ needsModel: false });
      await refreshPendingTrust(app);
    },
  };
}
