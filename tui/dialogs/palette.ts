/** Everything there is to do, found by typing; the same table as help, and as the list of keys. */
import { type ActionName, actionNames, actions, isAction } from "../actions.ts";
import type { App, Does, ListSpec } from "../app/app.ts";
import { aboutOf, takesOf } from "../app/commands.ts";
import type { Item } from "../app/state.ts";
import { replaced } from "../edit/editor.ts";
import { contexts } from "../keys/binding.ts";
import { bindingsFor, listBindings } from "../keys/keyboard.ts";

export const paletteDialog = (act: Does): ListSpec => listOf("Do", act, (name) => !("keyOnly" in actions[name]));
export const helpDialog = (act: Does): ListSpec => listOf("Help", act, () => true);

const listOf = (title: string, act: Does, shown: (name: ActionName) => boolean): ListSpec => ({
  title,
  empty: "There is nothing to do.",
  items: (app) => [
    ...actionNames.filter(shown).map((name) => itemOf(app, name)),
    ...app.state().commands.map(
      (command): Item => ({
        id: `/${command.name}`,
        text: aboutOf(command),
        group: "Plugins",
        detail: `/${command.name} ${takesOf(command)}`.trimEnd(),
      }),
    ),
    ...app.state().opens.map(
      ({ plugin, widget, title: text }): Item => ({
        id: widgetId(plugin, widget),
        text,
        group: "Plugins",
        detail: plugin,
      }),
    ),
  ],
  // A command of a plugin is written, since it may take words and what was begun there.
  choose: (app, { id }) => {
    const opened = app.state().opens.find(({ plugin, widget }) => widgetId(plugin, widget) === id);
    if (opened) app.openWidget(opened);
    else if (isAction(id)) act(app, id);
    else begin(app, `${id} `);
  },
});

const widgetId = (plugin: string, widget: string): string => `${plugin}\n${widget}`;

/** What stands in the prompt comes behind it. */
function begin(app: App, command: string): void {
  const { typing } = app.state();
  const editor = replaced(typing.editor, { from: 0, to: 0 }, command);
  app.set({ typing: { ...typing, editor }, focus: "prompt", completion: null }, "key");
}

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
