/** Models with what they can and cost, permissions that were kept, and what this session used. */

import { costOf, short } from "../../client/figures.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { App, ListSpec } from "../app/app.ts";
import { useModel } from "../app/settings.ts";
import type { Item } from "../app/state.ts";

type Model = ResultOf<"modelList">["models"][number];

export const modelsDialog: ListSpec = {
  title: "Models",
  empty: "No model is known: set a key, or start a local server; `tutti models` tells more.",
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
          right: context === null ? "" : short(context),
        }),
      ),
    );
    const { favorites, recent } = app.memory.kept();
    const known = new Map(models.map((model) => [model.id, model]));
    const picked = (ids: readonly string[], group: string, mark: string): Item[] =>
      ids.map((id) => ({ ...itemOf(known.get(id), id), group, mark }));
    const here = new Set(providers.filter(isHere).map(({ id }) => `${id}/`));
    // Those that are served stand in `local`.
    const isOff = ({ id }: Model): boolean => here.has(id.slice(0, id.indexOf("/") + 1));
    const groupOf = (model: Model): (typeof groups)[number] =>
      !model.ready ? "Without a key yet" : isOff(model) ? "Not served on this machine now" : "Ready";
    const rest = groups.flatMap((group) =>
      models.filter((model) => groupOf(model) === group).map((model) => ({ ...itemOf(model, model.id), group })),
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
  current: (app) => app.state().settings.model ?? app.state().usual.model,
  choose: (app, { id }) => useModel(app, id),
  keys: {
    "ctrl+f": { label: "favorite", does: (app, { id }) => favorite(app, id) },
    "ctrl+s": {
      label: "use from now on",
      async does(app, { id }) {
        await app.server.call("configWrite", { key: "model", text: JSON.stringify(id) });
        app.set({ usual: { ...app.state().usual, model: id } });
        app.toast("info", `${id} is the usual model now.`);
      },
    },
  },
};

const groups = ["Ready", "Not served on this machine now", "Without a key yet"] as const;

/** Needs no key since it is a server on this machine, which may run or not. */
const isHere = ({ key, baseUrl }: ResultOf<"providerList">["providers"][number]): boolean =>
  key === "not needed" && /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$)/.test(baseUrl);

function favorite(app: App, id: string): void {
  const { favorites } = app.memory.kept();
  app.memory.change({ favorites: favorites.includes(id) ? favorites.filter((one) => one !== id) : [...favorites, id] });
}

function itemOf(model: Model | undefined, id: string): Item {
  if (!model) return { id, text: id };
  const abilities = [model.tools ? "" : "no tools", model.vision ? "sees" : "", model.reasoning ? "thinks" : ""].filter(
    (one) => one !== "",
  );
  const price = model.price ? priceOf(model.price) : "";
  const size = model.context === null ? "" : short(model.context);
  return { id, text: id, detail: [price, ...abilities].filter((one) => one !== "").join(" · "), right: size };
}

const priceOf = ({ input, output }: NonNullable<Model["price"]>): string =>
  input === 0 && output === 0 ? "free" : `$${input} in · $${output} out`;

export const permissionsDialog: ListSpec = {
  title: "Permissions that were kept",
  empty: 'No rule was kept: "Always" at a question keeps one.',
  async items(app) {
    const { rules } = await app.server.call("permissionList", {});
    return rules.map(({ cwd, rule }) => ({ id: `${cwd}\n${rule}`, text: rule, group: cwd }));
  },
  keys: {
    "ctrl+d": {
      label: "forget",
      async does(app, { id }) {
        const [cwd = "", rule = ""] = id.split("\n");
        await app.server.call("permissionForget", { cwd, rule });
      },
    },
  },
};

export const usageDialog: ListSpec = {
  title: "Usage of this session",
  empty: "Nothing was used yet.",
  items: (app) => [
    ...whyOf(app),
    ...(app.state().view?.usage ?? []).map((one) => ({
      id: one.model,
      text: one.model,
      detail: `${one.requests} requests · ${short(one.input)} in (${short(one.cached)} cached) · ${short(one.output)} out (${short(one.reasoning)} reasoning)`,
      right: costOf([one]) ?? "unpriced",
    })),
  ],
};

/** Which model runs, and the reason that was told with it. */
function whyOf(app: App): Item[] {
  const { model = "", modelWhy = "" } = app.state().view ?? {};
  return model === "" ? [] : [{ id: "why", text: model, detail: modelWhy, mark: "›" }];
}
