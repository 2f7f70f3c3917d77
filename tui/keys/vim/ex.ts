/** Vim's command line: `:q`, `:wq`, and every slash command by its name. */
import type { ActionName } from "../../actions.ts";
import type { Done } from "../typing.ts";

const commands: Readonly<Record<string, readonly ActionName[]>> = {
  q: ["app.quit"],
  quit: ["app.quit"],
  qa: ["app.quit"],
  w: ["prompt.submit"],
  write: ["prompt.submit"],
  wq: ["prompt.submit", "app.quit"],
  x: ["prompt.submit", "app.quit"],
};

/** What a line after `:` does; `lookup` knows the slash commands by the name behind `/`. */
export function exCommand(
  line: string,
  lookup: (slash: string) => ActionName | undefined,
): { does: readonly Done[] } | { problem: string } {
  const [, name = "", argument = ""] = /^\s*:?\s*(\S*)\s*(.*?)\s*$/su.exec(line) ?? [];
  const bare = name.replace(/!$/, "");
  const own = Object.hasOwn(commands, bare) ? commands[bare] : undefined;
  if (own) return { does: own.map((action) => ({ action })) };
  const action = lookup(bare);
  if (action === undefined) return { problem: bare === "" ? "No command was given." : `There is no command :${bare}.` };
  return { does: [{ action, ...(argument !== "" && { argument }) }] };
}
