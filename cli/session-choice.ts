/** Resolves the session of a command: a new one, the last one of this folder, one by ID, or a copy. */

import { TuttiError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import { usageError } from "./args.ts";
import type { CommandInput } from "./command.ts";

export async function pickSession(input: CommandInput, link: Link): Promise<string> {
  const { cwd } = input;
  const named = input.text("session") ?? (input.isSet("continue") ? await findLastSession(link, cwd) : undefined);
  if (named === undefined) {
    if (input.isSet("fork")) throw usageError("--fork requires --continue or --session ID.");
    const { session } = await link.call("sessionCreate", { cwd, ephemeral: input.isSet("ephemeral") });
    return session;
  }
  if (input.isSet("ephemeral")) throw usageError("--ephemeral cannot be used with --continue or --session.");
  const session = input.isSet("fork") ? (await link.call("sessionFork", { session: named })).session : named;
  await link.call("sessionOpen", { session, cwd });
  return session;
}

async function findLastSession(link: Link, cwd: string): Promise<string> {
  const { sessions } = await link.call("sessionList", { cwd, limit: 1 });
  const [newest] = sessions;
  if (!newest) throw new TuttiError("notFound", `No session exists for ${cwd}. Run without --continue.`);
  return newest.id;
}
