/** Slash commands in an editor: those of plugins, and the two of a person's own. */
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { printable } from "../protocol/printable.ts";
import type { SlashCommand } from "./editor.ts";

const own: readonly SlashCommand[] = [
  {
    name: "shell",
    description: "Runs a command line of your own in the session's folder",
    hint: "command line",
  },
  { name: "note", description: "Adds a note to the AGENTS.md of the folder", hint: "what to remember" },
];

export type Meaning =
  | { kind: "words" }
  | { kind: "shell"; command: string }
  | { kind: "note"; text: string }
  | { kind: "plugin"; name: string; input: string };

export const available = (commands: readonly PluginCommand[]): SlashCommand[] => [
  ...own,
  ...commands.map(({ name, title, description, arguments: takes }) => ({
    name,
    description: printable(description === "" ? title : description),
    ...(takes.length > 0 && { hint: takes.map((one) => printable(hintOf(one))).join(" ") }),
  })),
];

const hintOf = ({ name, required }: { name: string; required: boolean }): string => (required ? name : `[${name}]`);

/** What begins with a slash and names no command is words: a path, most of the time. */
export function meaningOf(text: string, commands: readonly PluginCommand[]): Meaning {
  const [, name = "", rest = ""] = /^\/([\w.:-]+)(?:\s+([\s\S]*))?$/.exec(text.trim()) ?? [];
  const input = rest.trim();
  if (name === "shell" && input !== "") return { kind: "shell", command: input };
  if (name === "note" && input !== "") return { kind: "note", text: input };
  const exact = commands.find((command) => command.name === name);
  const short = commands.filter((command) => command.name.slice(command.name.indexOf(":") + 1) === name);
  const found = exact ?? (short.length === 1 ? short[0] : undefined);
  return found ? { kind: "plugin", name: found.name, input } : { kind: "words" };
}
