/** Expands a prompt that begins with `/name`: a slash command, provided by a plugin. */
import { existsSync } from "node:fs";
import type { Link } from "../protocol/link.ts";
import { findNearest } from "../protocol/nearest.ts";
import { usageError } from "./args.ts";

const shape = /^\/([A-Za-z0-9_.:-]{1,130})(?:\s+([\s\S]*))?$/;

/** Returns the prompt to send. A path at the beginning is not a command. */
export async function expandSlash(link: Link, cwd: string, prompt: string): Promise<string> {
  const found = shape.exec(prompt);
  const name = found?.[1];
  if (name === undefined || existsSync(`/${name}`)) return prompt;
  const { commands } = await link.call("commandsList", { cwd });
  const names = commands.map((command) => command.name);
  const known = names.some((one) => one === name || one.endsWith(`:${name}`));
  if (known) return (await link.call("commandsExpand", { cwd, name, input: found?.[2] ?? "" })).text;
  const suggestion = findNearest(name, names);
  const available = names.length === 0 ? "No commands are available." : `Available: /${names.join(", /")}.`;
  const hint = suggestion === null ? available : `Did you mean /${suggestion}?`;
  throw usageError(
    `Unknown command /${name}. ${hint} To send a prompt that begins with a slash, put a space before it.`,
  );
}
