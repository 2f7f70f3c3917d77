/** The command palette, help, and the list of key bindings. */
import { type ActionName, actionNames, actions, isAction } from "../actions.ts";
import type { App, ListSpec, RunAction } from "../app/app.ts";
import { describeCommand, formatArguments } from "../app/plugin-commands.ts";
import type { Item } from "../app/state.ts";
import { replaceRange } from "../edit/editor.ts";
import { contexts } from "../keys/binding.ts";
import { bindingsFor, listBindings } from "../keys/keyboard.ts";

export const createPaletteDialog = (act: RunAction): ListSpec =>
  createActionList("Commands", act, (name) => !("keyOnly" in actions[name]));
export const createHelpDialog = (act: RunAction): ListSpec => createActionList("Help", act, () => true);

const createActionList = (title: string, act: RunAction, shown: (name: ActionName) => boolean): ListSpec => ({
  title,
  empty: "No commands found.",
  items: (app) => [
    ...actionNames.filter(shown).map((name) => toItem(app, name)),
    ...app.state().commands.map(
      (command): Item => ({
        id: `/${command.name}`,
        text: describeCommand(command),
        group: "Plugins",
        detail: `/${command.name} ${formatArguments(command)}`.trimEnd(),
      }),
    ),
    ...app.state().dialogWidgets.map(
      ({ plugin, widget, title: text }): Item => ({
        id: widgetId(plugin, widget),
        text,
        group: "Plugins",
        detail: plugin,
      }),
    ),
  ],
  // A plugin's command is inserted into the prompt, where the user can add its arguments.
  choose: (app, { id }) => {
    const opened = app.state().dialogWidgets.find(({ plugin, widget }) => widgetId(plugin, widget) === id);
    if (opened) app.openWidget(opened);
    else if (isAction(id)) act(app, id);
    else insertCommand(app, `${id} `);
  },
});

const widgetId = (plugin: string, widget: string): string => `${plugin}\n${widget}`;

/** Inserts the command before the text of the prompt. */
function insertCommand(app: App, command: string): void {
  const { input } = app.state();
  const editor = replaceRange(input.editor, { from: 0, to: 0 }, command);
  app.set({ input: { ...input, editor }, focus: "prompt", completion: null }, "key");
}

function toItem(app: App, name: ActionName): Item {
  const { title, group, slash } = actions[name];
  const [keys = ""] = bindingsFor(app.keyboard(), name);
  return { id: name, text: title, group, ...(slash !== undefined && { detail: `/${slash}` }), right: keys };
}

export const keysDialog: ListSpec = {
  title: "Keys",
  empty: "No key bindings found.",
  items: (app) =>
    listBindings(app.keyboard()).map(({ context, keys, title, isCustom }, index) => ({
      id: String(index),
      text: keys,
      detail: title,
      group: contexts[context],
      ...(isCustom && { mark: "*" }),
    })),
};
