/** Does what a binding says: edits here, everything else is handed to the caller. */
import { editCommands, isEditCommand } from "../edit/commands.ts";
import { expanded } from "../edit/paste.ts";
import type { Binding } from "./lookup.ts";
import type { Done, Typing } from "./typing.ts";
import { isVimCommand } from "./vim/commands.ts";

/**
 * The first of several names that has something to do. An edit is done so many times. A name of Vim's means nothing here, since only
 * its modes know how to do it.
 */
export function apply(
  { does, argument }: Pick<Binding, "does" | "argument">,
  state: Typing,
  columns: number,
  times = 1,
): { state: Typing; does: readonly Done[] } {
  for (const name of [does].flat()) {
    if (name === "keys.argument" || isVimCommand(name)) continue;
    if (!isEditCommand(name)) {
      return { state, does: [{ action: name, ...(argument !== undefined && { argument }) }] };
    }
    const command = editCommands[name];
    let { editor, kills } = state;
    for (let time = 0; time < times; time++) ({ editor, kills } = command.apply({ editor, kills }, columns));
    if (editor === state.editor && kills.texts === state.kills.texts) continue;
    const taken = kills.texts === state.kills.texts ? undefined : kills.texts.at(-1);
    return { state: { ...state, editor, kills }, does: command.copies && taken !== undefined ? clipboard(taken) : [] };
  }
  return { state, does: [] };

  function clipboard(text: string): Done[] {
    return [{ action: "clipboard.write", argument: expanded({ text, chips: state.editor.chips }).text }];
  }
}
