/** Slash commands of plugins: which one is meant, what it takes, and the text that it stands for. One reading for the screen and for lines. */

import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { printable } from "../../protocol/printable.ts";
import { slashes } from "../actions.ts";

/** By `plugin:name`, or by its name where one plugin alone has it and it is none of ours. */
export function commandFor(commands: readonly PluginCommand[], name: string): PluginCommand | null {
  const exact = commands.find((command) => command.name === name);
  if (exact) return exact;
  const same = slashes.has(name.toLowerCase()) ? [] : commands.filter((command) => shortName(command) === name);
  return same.length === 1 ? (same[0] ?? null) : null;
}

/** The name behind that of the plugin. */
export const shortName = ({ name }: Pick<PluginCommand, "name">): string => name.slice(name.indexOf(":") + 1);

/** As in `FILE [TONE]`. */
export const takesOf = (command: PluginCommand): string =>
  command.arguments
    .map(({ name, required }) => printable(required ? name.toUpperCase() : `[${name.toUpperCase()}]`))
    .join(" ");

/** What it is for, in one line. */
export const aboutOf = ({ title, description }: PluginCommand): string =>
  printable(description === "" ? title : description)
    .replaceAll("\t", " ")
    .trim();

/**
 * What is being written behind a command: which of its arguments, and from where on in the text. Words go to the arguments in their
 * order and all that is left to the last, as the server reads them; `name=` says which one it is.
 */
export function argumentAt(
  { arguments: wanted }: PluginCommand,
  text: string,
): { argument: string; value: string; from: number; last: boolean } | null {
  const head = /^\/\S+\s+/.exec(text)?.[0];
  if (head === undefined) return null;
  const input = text.slice(head.length);
  const words = [...input.matchAll(/\S+/g)];
  // A blank at the end begins another word.
  const at = input === "" || /\s$/.test(input) ? words.length : words.length - 1;
  const word = words[at]?.[0] ?? "";
  const start = head.length + (words[at]?.index ?? input.length);
  const named = wanted.find(({ name }) => word.startsWith(`${name}=`));
  if (named) {
    const from = start + named.name.length + 1;
    return { argument: named.name, value: text.slice(from), from, last: false };
  }
  const index = Math.min(at, wanted.length - 1);
  const one = wanted[index];
  if (!one) return null;
  const last = index === wanted.length - 1;
  const from = last && words[index] ? head.length + words[index].index : start;
  return { argument: one.name, value: text.slice(from), from, last };
}
