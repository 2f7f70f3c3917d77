/** Reads the words of a command line by the table, and says in one sentence what is wrong with them. */
import { parseArgs } from "node:util";
import { nearest } from "../client/nearest.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Command, Flag, Parsed } from "./command.ts";

export const everywhere: readonly Flag[] = [
  { name: "help", short: "h", purpose: "show this help" },
  { name: "version", purpose: "print the version" },
  { name: "config", value: "FILE", purpose: "use this configuration file instead of the user's" },
  { name: "directory", short: "C", value: "DIR", purpose: "work in this folder" },
  { name: "theme", value: "NAME", purpose: "draw the terminal UI with this theme" },
  { name: "no-color", purpose: "print no colours (as NO_COLOR does)" },
  { name: "quiet", purpose: "print results and errors only" },
  { name: "verbose", purpose: "say more about what is going on" },
];

/** Parts of the contract that this version does not have: named, so that nobody searches for a typo. */
const laterFlags = new Set(["agent", "tier", "share"]);

export function parse(command: Pick<Command, "name" | "flags">, words: readonly string[]): Parsed {
  const flags = [...command.flags, ...everywhere];
  const options = Object.fromEntries(
    flags.map(({ name, short, value, many }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: many ?? false,
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
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = flags.find(({ name }) => name === token.name);
    if (!flag) throw unknown(command.name, token.rawName, token.name, flags);
    if (flag.value === undefined && token.value !== undefined) throw wrong(`${token.rawName} takes no value.`);
    if (flag.value !== undefined && token.value === undefined)
      throw wrong(`${token.rawName} needs a value: ${token.rawName} ${flag.value}.`);
    if (flag.of && !flag.of.includes(String(token.value))) {
      throw wrong(`${token.rawName} must be one of ${flag.of.join(", ")}; ${JSON.stringify(token.value)} is not.`);
    }
  }
  const known = values as Record<string, string | boolean | (string | boolean)[] | undefined>;
  return {
    words: positionals,
    text(name) {
      const value = known[name];
      return typeof value === "string" ? value : undefined;
    },
    list(name) {
      const value = known[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    on: (name) => known[name] === true,
  };
}

function unknown(command: string, raw: string, name: string, flags: readonly Flag[]): TuttiError {
  if (laterFlags.has(name)) return wrong(`${raw} is not part of this version of Tutti yet.`);
  const near = nearest(
    name,
    flags.map((flag) => flag.name),
  );
  const hint = near === null ? `\`tutti ${command} --help\` lists those there are.` : `Did you mean --${near}?`;
  return wrong(`${raw} is not a flag of tutti ${command}. ${hint}`);
}

export const wrong = (message: string): TuttiError => new TuttiError("usage", message);

/** `90`, `90s`, `5m`, `2h`, `1h30m` in milliseconds. */
export function duration(text: string): number {
  const units = { h: 3_600_000, m: 60_000, s: 1_000 } as const;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const pieces = [...text.matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)];
  if (pieces.length === 0 || pieces.map(([piece]) => piece).join("") !== text) {
    throw wrong(`${JSON.stringify(text)} is not a duration; write 90s, 5m or 1h30m.`);
  }
  return pieces.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0);
}

/** A positive number, whole where asked. */
export function positive(flag: string, text: string | undefined, whole: boolean): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !(number > 0) || (whole && !Number.isInteger(number))) {
    throw wrong(`${flag} must be a ${whole ? "whole " : ""}number above 0; ${JSON.stringify(text)} is not.`);
  }
  return number;
}
