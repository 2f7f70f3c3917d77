/** Parses Vim's command line: `:q`, `:wq`, and every slash command by its name. */
import type { ActionName } from "../../actions.ts";
import type { Command } from "../input-state.ts";

const send: Command = { action: "prompt.submit" };
const quit: Command = { action: "app.quit" };

const commands: Readonly<Record<string, readonly Command[]>> = {
  q: [quit],
  quit: [quit],
  qa: [quit],
  w: [send],
  write: [send],
  wq: [send, quit],
  x: [send, quit],
};

/** `line` is the text after `:`. `lookup` finds the action of a slash command. */
export function parseExCommand(
  line: string,
  lookup: (slash: string) => ActionName | undefined,
): { commands: readonly Command[] } | { problem: string } {
  const [, name = "", argument = ""] = /^\s*:?\s*(\S*)\s*(.*?)\s*$/su.exec(line) ?? [];
  const commandName = name.replace(/!$/, "");
  const command = Object.hasOwn(commands, commandName) ? commands[commandName] : undefined;
  if (command) return { commands: command };
  const action = lookup(commandName);
  if (action === undefined)
    return { problem: commandName === "" ? "No command given." : `Unknown command :${commandName}.` };
  return { commands: [{ action, ...(argument !== "" && { argument }) }] };
}
