/** Resolves the session of a command: a new one, the last one of this folder, one by ID or the start of one, or a copy. */

import { findSession } from "../client/find-session.ts";
import type { Link } from "../protocol/link.ts";
import { usageError } from "./args.ts";
import type { CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";

export interface PickedSession {
  session: string;
  isNew: boolean;
}

export async function pickSession(input: CommandInput, link: Link): Promise<PickedSession> {
  const { cwd } = input;
  const named = input.text("session") ?? (input.isSet("continue") ? "last" : undefined);
  if (named === undefined) {
    if (input.isSet("fork")) throw usageError("--fork requires --continue or --session ID.");
    const { session } = await link.call("sessionCreate", { cwd, ephemeral: input.isSet("ephemeral") });
    return { session, isNew: true };
  }
  if (input.isSet("ephemeral")) throw usageError("--ephemeral cannot be used with --continue or --session.");
  const known = await findSession(link, named, cwd);
  const session = input.isSet("fork") ? (await link.call("sessionFork", { session: known.id })).session : known.id;
  const opened = await link.call("sessionOpen", { session, cwd });
  if (opened.cwd !== known.cwd)
    input.terminal.note(`The folder ${sanitize(known.cwd)} no longer exists. The session continues in this folder.\n`);
  else if (opened.cwd !== cwd)
    input.terminal.note(`The session continues in its own folder, ${sanitize(opened.cwd)}.\n`);
  return { session, isNew: false };
}
