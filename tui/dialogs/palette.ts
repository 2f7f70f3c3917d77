/** Everything there is to do, found by typing; the same table as help, and as the list of keys. */
import { type ActionName, actionNames, actions } from "../actions.ts";
import type { App, Does, ListSpec } from "../app/app.ts";
import type { Item } from "../app/state.ts";
import { contexts } from "../keys/binding.ts";
import { bindingsFor, listBindings } from "../keys/keyboard.ts";

export const paletteDialog = (act: Does): ListSpec => listOf("Do", act, (name) => !("keyOnly" in actions[name]));
export const helpDialog = (act: Does): ListSpec => listOf("Help", act, () => true);

const listOf = (title: string, act: Does, shown: (name: ActionName) => boolean): ListSpec => ({
  title,
  empty: "There is nothing to do.",
  items: (app) => actionNames.filter(shown).map((name) => itemOf(app, name)),
  choose: (app, { id }) => act(app, id as ActionName),
});

function itemOf(app: App, name: ActionName): Item {
  const { title, group, slash } = actions[name];
  const [keys = ""] = bindingsFor(app.keyboard(), name);
  return { id: name, text: title, group, ...(slash !== undefined && { detail: `/${slash}` }), right: keys };
}

export const keysDialog: ListSpec = {
  title: "Keys",
  empty: "There are no keys.",
  items: (app) =>
    listBindings(app.keyboard()).map(({ context, keys, title, own }, index) => ({
      id: String(index),
      text: keys,
      detail: title,
      group: contexts[context],
      ...(own && { mark: "*" }),
    })),
};
