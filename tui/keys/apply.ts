/** Applies a binding: runs edit commands, and returns all others to the caller. */
import { editCommands, isEditCommand } from "../edit/commands.ts";
import { expandChips } from "../edit/paste.ts";
import type { Command, InputState } from "./input-state.ts";
import type { Binding } from "./lookup.ts";
import { isVimCommand } from "./vim/commands.ts";

/**
 * Runs the first of the binding's commands that has an effect, an edit this many times. Vim's commands are skipped: only vim/press.ts can
 * run them.
 */
export function applyBinding(
  { commands, argument }: Pick<Binding, "commands" | "argument">,
  state: InputState,
  columns: number,
  times = 1,
): { state: InputState; commands: readonly Command[] } {
  for (const name of [commands].flat()) {
    if (name === "keys.argument" || isVimCommand(name)) continue;
    if (!isEditCommand(name)) {
      return { state, commands: [{ action: name, ...(argument !== undefined && { argument }) }] };
    }
    const command = editCommands[name];
    let { editor, killRing } = state;
    for (let time = 0; time < times; time++) ({ editor, killRing } = command.apply({ editor, killRing }, columns));
    if (editor === state.editor && killRing.texts === state.killRing.texts) continue;
    const cutText = killRing.texts === state.killRing.texts ? undefined : killRing.texts.at(-1);
    const isCopied = command.copies && cutText !== undefined;
    return { state: { ...state, editor, killRing }, commands: isCopied ? [copyToClipboard(state, cutText)] : [] };
  }
  return { state, commands: [] };
}

const copyToClipboard = ({ editor: { chips } }: InputState, text: string): Command => ({
  action: "clipboard.write",
  argument: expandChips({ text, chips }).text,
});
