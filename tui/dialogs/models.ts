/** Dialogs for the models, the saved permission rules, and why a model is used. */

import { formatCount } from "../../client/format.ts";
import { chooseModel, nextSettings } from "../../client/next-settings.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import { explainRoute } from "../../protocol/routing-text.ts";
import type { App, ListSpec } from "../app/app.ts";
import { isLocal } from "../app/model-setup.ts";
import type { Item } from "../app/state.ts";

type Model = ResultOf<"modelList">["models"][number];

const MAX_RECENT = 8;

/** Uses this model for the next prompts, and lists it first among the recent ones. */
export function useModel(app: App, model: string): void {
  const recent = [model, ...app.store.get().recent.filter((one) => one !== model)].slice(0, MAX_RECENT);
  app.store.update({ recent });
  app.set({ settings: chooseModel(app.state().settings, model), needsModel: false }, "key");
}

export const modelsDialog: ListSpec = {
  title: "Models",
  empty: "No models found. Set an API key or start a local server; `tutti models` shows details.",
  async items(app) {
    const [{ models }, { providers }, found] = await Promise.all([
      app.server.call("modelList", {}),
      app.server.call("providerList", {}),
      app.server.call("modelDiscover", {}).catch(() => ({ endpoints: [] })),
    ]);
    const local = found.endpoints.flatMap(({ provider, models: here }) =>
      here.map(
        ({ id, context }): Item => ({
          id: `${provider}/${id}`,
          text: `${provider}/${id}`,
          group: "On this machine",
          right: context === null ? "" : formatCount(context),
        }),
      ),
    );
    const { favorites, recent } = app.store.get();
    const known = new Map(models.map((model) => [model.id, model]));
    const picked = (ids: readonly string[], group: string, mark: string): Item[] =>
      ids.map((id) => ({ ...toItem(known.get(id), id), group, mark }));
    const localProviders = new Set(providers.filter(isLocal).map(({ id }) => `${id}/`));
    // Local models that are being served are in `local`.
    const isOffline = ({ id }: Model): boolean => localProviders.has(id.slice(0, id.indexOf("/") + 1));
    const groupOf = (model: Model): (typeof groups)[number] =>
      !model.ready ? "No API key" : isOffline(model) ? "Local server not running" : "Ready";
    const rest = groups.flatMap((group) =>
      models.filter((model) => groupOf(model) === group).map((model) => ({ ...toItem(model, model.id), group })),
    );
    const items = [
      ...picked(favorites, "Favorites", "★"),
      ...picked(
        recent.filter((id) => !favorites.includes(id)),
        "Recent",
        "",
      ),
      ...local,
      ...rest,
    ];
    const first = new Map(items.map(({ id }, index) => [id, index] as const).toReversed());
    return items.filter(({ id }, index) => first.get(id) === index);
  },
  initialItem: (app) => nextSettings(app.state()).model,
  choose: (app, { id }) => useModel(app, id),
  keys: {
    "ctrl+f": { label: "favorite", run: (app, { id }) => toggleFavorite(app, id) },
    "ctrl+s": {
      label: "make default",
      async run(app, { id }) {
        await app.server.call("configWrite", { key: "model", text: JSON.stringify(id) });
        app.set({ defaults: { ...app.state().defaults, model: id } });
        app.toast("info", `The default model is now ${id}.`);
      },
    },
  },
};

const groups = ["Ready", "Local server not running", "No API key"] as const;

function toggleFavorite(app: App, id: string): void {
  const { favorites } = app.store.get();
  app.store.update({ favorites: favorites.includes(id) ? favorites.filter((one) => one !== id) : [...favorites, id] });
}

function toItem(model: Model | undefined, id: string): Item {
  if (!model) return { id, text: id };
  const { tools, vision, reasoning } = model;
  const abilities = [tools ? "" : "no tools", vision ? "vision" : "", reasoning ? "reasoning" : ""];
  const price = model.price ? formatPrice(model.price) : "";
  const size = model.context === null ? "" : formatCount(model.context);
  return { id, text: id, detail: [price, ...abilities].filter((one) => one !== "").join(" · "), right: size };
}

const formatPrice = ({ input, output }: NonNullable<Model["price"]>): string =>
  input === 0 && output === 0 ? "free" : `$${input} in · $${output} out`;

export const permissionsDialog: ListSpec = {
  title: "Saved permission rules",
  empty: 'No rules saved. Choose "Always" in an approval request to save one.',
  async items(app) {
    const { rules } = await app.server.call("permissionList", {});
    return rules.map(({ cwd, rule }) => ({ id: `${cwd}\n${rule}`, text: rule, group: cwd }));
  },
  keys: {
    "ctrl+d": {
      label: "delete",
      async run(app, { id }) {
        const [cwd = "", rule = ""] = id.split("\n");
        await app.server.call("permissionForget", { cwd, rule });
      },
    },
  },
};

export const routeDialog: ListSpec = {
  title: "Why this model",
  empty: "No model was used yet.",
  items(app) {
    const { view } = app.state();
    return view ? explainRoute(view).map((text, index) => ({ id: String(index), text: printable(text) })) : [];
  },
};
