/** Which session a command means: a new one, the last one of this folder, one by id, or a copy of one. */
import type { Link } from "../client/link.ts";
import { TuttiError } from "../protocol/errors.ts";
import { wrong } from "./args.ts";
import type { Input } from "./command.ts";

export async function pickSession(input: Input, link: Link): Promise<string> {
  const { cwd } = input;
  const named = input.text("session") ?? (input.on("continue") ? await last(link, cwd) : undefined);
  if (named === undefined) {
    if (input.on("fork")) throw wrong("--fork goes with --continue or --session ID.");
    const { session } = await link.call("sessionCreate", { cwd, ephemeral: input.on("ephemeral") });
    return session;
  }
  if (input.on("ephemeral"))
    throw wrong("--ephemeral is for new sessions; it does not go with --continue or --session.");
  const { session } = await link.call(input.on("fork") ? "sessionFork" : "sessionOpen", { session: named });
  return session;
}

async function last(link: Link, cwd: string): Promise<string> {
  const { sessions } = await link.call("sessionList", { cwd, limit: 1 });
  const [newest] = sessions;
  if (!newest) throw new TuttiError("notFound", `There is no session of ${cwd} yet; run without --continue.`);
  return newest.id;
}
