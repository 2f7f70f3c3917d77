/** A prompt that begins with `/name` is a command: its text comes from whoever brings the command. */
import { existsSync } from "node:fs";
import type { Link } from "../client/link.ts";
import { nearest } from "../client/nearest.ts";
import { wrong } from "./args.ts";

const shape = /^\/([A-Za-z0-9_.:-]{1,130})(?:\s+([\s\S]*))?$/;

/** What to send: a path at the beginning of a prompt is no command. */
export async function expandSlash(link: Link, cwd: string, prompt: string): Promise<string> {
  const found = shape.exec(prompt);
  const name = found?.[1];
  if (name === undefined || existsSync(`/${name}`)) return prompt;
  const { commands } = await link.call("commandsList", { cwd });
  const names = commands.map((command) => command.name);
  const known = names.some((one) => one === name || one.endsWith(`:${name}`));
  if (known) return (await link.call("commandsExpand", { cwd, name, input: found?.[2] ?? "" })).text;
  const near = nearest(name, names);
  const which =
    near === null ? (names.length === 0 ? "" : `; there are: /${names.join(", /")}`) : `; did you mean /${near}?`;
  throw wrong(`There is no command /${name}${which}. A prompt that should begin with a slash needs a blank before it.`);
}
