/** Slash commands in an editor: those of plugins, and the built-in ones. */
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { printable } from "../protocol/printable.ts";
import type { SlashCommand } from "./editor.ts";

const builtinCommands: readonly SlashCommand[] = [
  {
    name: "shell",
    description: "Run a shell command in the session's folder",
    hint: "command",
  },
  { name: "note", description: "Add a note to the folder's AGENTS.md", hint: "note" },
];

export type ParsedPrompt =
  | { kind: "prompt" }
  | { kind: "shell"; command: string }
  | { kind: "note"; text: string }
  | { kind: "plugin"; name: string; input: string };

export const listCommands = (commands: readonly PluginCommand[]): SlashCommand[] => [
  ...builtinCommands,
  ...commands.map(({ name, title, description, arguments: takes }) => ({
    name,
    description: printable(description === "" ? title : description),
    ...(takes.length > 0 && { hint: takes.map((one) => printable(hintOf(one))).join(" ") }),
  })),
];

const hintOf = ({ name, required }: { name: string; required: boolean }): string => (required ? name : `[${name}]`);

/** Text that begins with a slash but names no command is a normal prompt: usually a path. */
export function parsePrompt(text: string, commands: readonly PluginCommand[]): ParsedPrompt {
  const [, name = "", rest = ""] = /^\/([\w.:-]+)(?:\s+([\s\S]*))?$/.exec(text.trim()) ?? [];
  const input = rest.trim();
  if (name === "shell" && input !== "") return { kind: "shell", command: input };
  if (name === "note" && input !== "") return { kind: "note", text: input };
  const exact = commands.find((command) => command.name === name);
  const short = commands.filter((command) => command.name.slice(command.name.indexOf(":") + 1) === name);
  const found = exact ?? (short.length === 1 ? short[0] : undefined);
  return found ? { kind: "plugin", name: found.name, input } : { kind: "prompt" };
}
