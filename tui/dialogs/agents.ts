/** The agents that a person can work with. */
import { listSelectable } from "../../client/agents.ts";
import { nextSettings } from "../../client/next-settings.ts";
import type { ListSpec } from "../app/app.ts";
import { currentFolder } from "../app/state.ts";

export const agentsDialog: ListSpec = {
  title: "Agents",
  empty: "No agents found.",
  async items(app) {
    const { agents } = await app.server.call("agentList", { cwd: currentFolder(app.state()) });
    const current = nextSettings(app.state()).agent;
    return listSelectable(agents).map(({ name, description, model, tier, source }) => ({
      id: name,
      text: name,
      detail: description.replaceAll("\n", " "),
      mark: name === current ? "›" : "",
      right: model ?? tier ?? "",
      group: source.kind === "builtin" ? "Included" : source.kind === "plugin" ? "Plugins" : "Yours",
    }));
  },
  initialItem: (app) => nextSettings(app.state()).agent,
  choose(app, { id }) {
    app.set({ settings: { ...app.state().settings, agent: id } });
  },
};
