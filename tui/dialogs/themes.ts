/** Themes, tried while one looks; the one that is taken is written into the configuration. */
import type { ListSpec } from "../app/app.ts";

let before = "";

const groups: Readonly<Partial<Record<string, string>>> = { yours: "yours", plugin: "from plugins" };

export const themesDialog: ListSpec = {
  title: "Themes",
  empty: "There are none.",
  async items(app) {
    before = app.themes.wanted();
    const themes = await app.themes.list();
    const order = ["yours", "from plugins", "dark", "light"];
    return themes
      .map(({ name, title, kind, from, problem }) => ({
        id: name,
        text: name,
        detail: problem ?? (title === name ? "" : title),
        group: groups[from] ?? kind,
        mark: problem ? "!" : "",
      }))
      .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
  },
  current: (app) => app.themes.name(),
  changed: (app, { id }) => void app.themes.choose(id),
  left: (app) => void app.themes.choose(before),
  async choose(app, { id }) {
    const problem = await app.themes.choose(id);
    if (problem !== null) {
      await app.themes.choose(before);
      return app.toast("error", problem);
    }
    app.memory.change({ theme: id });
    await app.server.call("configWrite", { key: "theme", text: JSON.stringify(id) });
  },
};
