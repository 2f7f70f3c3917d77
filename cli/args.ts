/** Parses the flags of a command; a usage error names the flag and the fix. */
import { parseArgs } from "node:util";
import { TuttiError } from "../protocol/errors.ts";
import { findNearest } from "../protocol/nearest.ts";
import type { Command, Flag, ParsedFlags } from "./command.ts";

export const globalFlags: readonly Flag[] = [
  { name: "help", short: "h", purpose: "Show this help" },
  { name: "version", purpose: "Print the version" },
  { name: "config", value: "FILE", purpose: "Use this configuration file instead of your user configuration" },
  { name: "directory", short: "C", value: "DIR", purpose: "Work in this folder" },
  { name: "theme", value: "NAME", purpose: "Use this theme in the terminal UI" },
  { name: "no-color", purpose: "Disable color (same as NO_COLOR)" },
  { name: "quiet", purpose: "Print only results and errors" },
  { name: "verbose", purpose: "Print more details" },
];

/** Reserved for planned features, so that the error does not suggest a typo. */
const plannedFlags = new Set(["share"]);

export function parseFlags(
  command: Pick<Command, "name" | "flags" | "operands">,
  words: readonly string[],
): ParsedFlags {
  const flags = [...command.flags, ...globalFlags];
  const options = Object.fromEntries(
    flags.map(({ name, short, value, repeatable }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: repeatable ?? false,
        ...(short !== undefined && { short }),
      },
    ]),
  );
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const follows: (string | null)[] = [];
  let last: string | null = null;
  for (const token of tokens) {
    if (token.kind === "positional") follows.push(last);
    last = token.kind === "option" ? token.name : token.kind === "option-terminator" ? null : last;
    if (token.kind !== "option") continue;
    const flag = flags.find(({ name }) => name === token.name);
    if (!flag) throw unknownFlagError(command, token.rawName, token.name, flags);
    if (flag.value === undefined && token.value !== undefined)
      throw usageError(`${token.rawName} takes no value. Remove ${JSON.stringify(token.value)}.`);
    if (flag.value !== undefined && token.value === undefined)
      throw usageError(`${token.rawName} requires a value: ${token.rawName} ${flag.value}.`);
    if (flag.choices && !flag.choices.includes(String(token.value))) {
      throw usageError(
        `Invalid ${token.rawName} ${JSON.stringify(token.value)}. Use one of: ${flag.choices.join(", ")}.`,
      );
    }
  }
  const known = values as Record<string, string | boolean | (string | boolean)[] | undefined>;
  return {
    positionals,
    follows,
    text(name) {
      const value = known[name];
      return typeof value === "string" ? value : undefined;
    },
    list(name) {
      const value = known[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    isSet: (name) => known[name] === true,
  };
}

function unknownFlagError(
  command: Pick<Command, "name" | "operands">,
  raw: string,
  name: string,
  flags: readonly Flag[],
): TuttiError {
  if (plannedFlags.has(name)) return usageError(`${raw} is not implemented yet.`);
  const suggestion = findNearest(
    name,
    flags.map((flag) => flag.name),
  );
  const help = `See \`${`tutti ${command.name}`.trim()} --help\`.`;
  const hint = suggestion === null ? help : `Did you mean --${suggestion}?`;
  const separatorHint = command.operands.includes("COMMAND") ? " To pass it to COMMAND, put `--` before COMMAND." : "";
  return usageError(`Unknown flag ${raw}. ${hint}${separatorHint}`);
}

export const usageError = (message: string): TuttiError => new TuttiError("usage", message);

/** Converts `90`, `90s`, `5m`, `2h` or `1h30m` to milliseconds. */
export function parseDuration(text: string): number {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const pieces = [...text.matchAll(/(\d+(?:\.\d+)?)(d|h|m|s)/g)];
  if (pieces.length === 0 || pieces.map(([piece]) => piece).join("") !== text) {
    throw usageError(`Invalid duration ${JSON.stringify(text)}. Use a format such as 90s, 5m, 1h30m or 7d.`);
  }
  return pieces.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0);
}

/** Parses a positive number, or a positive whole number if `whole` is set. */
export function parsePositive(flag: string, text: string | undefined, whole: boolean): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !(number > 0) || (whole && !Number.isInteger(number))) {
    throw usageError(`Invalid ${flag} ${JSON.stringify(text)}. Use a ${whole ? "whole " : ""}number greater than 0.`);
  }
  return number;
}
