/** Slash commands of plugins: finds the command a text refers to, and the argument being written. Shared by the screen and the line mode. */
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { printable } from "../../protocol/printable.ts";
import { slashes } from "../actions.ts";

/** Finds a command by `plugin:name`, or by its short name if that is unambiguous and not one of Tutti's own. */
export function findCommand(commands: readonly PluginCommand[], name: string): PluginCommand | null {
  const exact = commands.find((command) => command.name === name);
  if (exact) return exact;
  const matches = slashes.has(name.toLowerCase()) ? [] : commands.filter((command) => shortName(command) === name);
  return matches.length === 1 ? (matches[0] ?? null) : null;
}

/** The name without the plugin's. */
export const shortName = ({ name }: Pick<PluginCommand, "name">): string => name.slice(name.indexOf(":") + 1);

/** For example `FILE [TONE]`. */
export const formatArguments = (command: PluginCommand): string =>
  command.arguments
    .map(({ name, required }) => printable(required ? name.toUpperCase() : `[${name.toUpperCase()}]`))
    .join(" ");

/** The description in one line. */
export const describeCommand = ({ title, description }: PluginCommand): string =>
  printable(description === "" ? title : description)
    .replaceAll("\t", " ")
    .trim();

export interface ArgumentInput {
  argument: string;
  value: string;
  /** Offset of the value in the text. */
  from: number;
  /** It is the last argument, which takes the rest of the text. */
  last: boolean;
}

/**
 * The argument that is being written at the end of the text. As on the server, words fill the arguments in order, the last argument takes
 * the rest, and `name=` selects an argument by name.
 */
export function findArgument({ arguments: declared }: PluginCommand, text: string): ArgumentInput | null {
  const head = /^\/\S+\s+/.exec(text)?.[0];
  if (head === undefined) return null;
  const input = text.slice(head.length);
  const words = [...input.matchAll(/\S+/g)];
  // A space at the end starts another word.
  const wordIndex = input === "" || /\s$/.test(input) ? words.length : words.length - 1;
  const word = words[wordIndex]?.[0] ?? "";
  const start = head.length + (words[wordIndex]?.index ?? input.length);
  const named = declared.find(({ name }) => word.startsWith(`${name}=`));
  if (named) {
    const from = start + named.name.length + 1;
    return { argument: named.name, value: text.slice(from), from, last: false };
  }
  const index = Math.min(wordIndex, declared.length - 1);
  const argument = declared[index];
  if (!argument) return null;
  const last = index === declared.length - 1;
  const from = last && words[index] ? head.length + words[index].index : start;
  return { argument: argument.name, value: text.slice(from), from, last };
}
