/** Vim's command line: `:q`, `:wq`, and every slash command by its name. */
import type { ActionName } from "../../actions.ts";
import type { Done } from "../typing.ts";

const send: Done = { action: "prompt.submit" };
const quit: Done = { action: "app.quit" };

const commands: Readonly<Record<string, readonly Done[]>> = {
  q: [quit],
  quit: [quit],
  qa: [quit],
  w: [send],
  write: [send],
  wq: [send, quit],
  x: [send, quit],
};

/** What a line after `:` does; `lookup` knows the slash commands by the name behind `/`. */
export function exCommand(
  line: string,
  lookup: (slash: string) => ActionName | undefined,
): { does: readonly Done[] } | { problem: string } {
  const [, name = "", argument = ""] = /^\s*:?\s*(\S*)\s*(.*?)\s*$/su.exec(line) ?? [];
  const bare = name.replace(/!$/, "");
  const own = Object.hasOwn(commands, bare) ? commands[bare] : undefined;
  if (own) return { does: own };
  const action = lookup(bare);
  if (action === undefined) return { problem: bare === "" ? "No command was given." : `There is no command :${bare}.` };
  return { does: [{ action, ...(argument !== "" && { argument }) }] };
}
