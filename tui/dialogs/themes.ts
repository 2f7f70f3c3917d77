/** Chooses a theme. The selected one is previewed; choosing one writes it to the configuration. */
import type { ListSpec } from "../app/app.ts";

const groups: Readonly<Partial<Record<string, string>>> = { yours: "yours", plugin: "from plugins" };
const groupOrder = ["yours", "from plugins", "dark", "light"];

export function createThemesDialog(): ListSpec {
  let initial = "";
  return {
    title: "Themes",
    empty: "No themes found.",
    async items(app) {
      initial = app.themes.selected();
      const themes = await app.themes.list();
      return themes
        .map(({ name, title, kind, from, problem }) => ({
          id: name,
          text: name,
          detail: problem ?? (title === name ? "" : title),
          group: groups[from] ?? kind,
          mark: problem ? "!" : "",
        }))
        .sort((one, other) => groupOrder.indexOf(one.group) - groupOrder.indexOf(other.group));
    },
    initialItem: (app) => app.themes.name(),
    onSelectionChange: (app, { id }) => void app.themes.choose(id),
    onCancel: (app) => void app.themes.choose(initial),
    async choose(app, { id }) {
      const problem = await app.themes.choose(id);
      if (problem !== null) {
        await app.themes.choose(initial);
        return app.toast("error", problem);
      }
      app.store.update({ theme: id });
      await app.server.call("configWrite", { key: "theme", text: JSON.stringify(id) });
    },
  };
}
