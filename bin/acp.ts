/** The command line's way to the agent for editors, which knows neither it nor the server. */
import { Readable, Writable } from "node:stream";
import type { Acp } from "../cli/command.ts";

/** Each in a file of its own, so that nobody loads a draft who did not ask for it. */
export async function serveEditor(how: Acp, version: string): Promise<number> {
  const { runAcp } = how.draftV2 ? await import("../acp/v2/main.ts") : await import("../acp/main.ts");
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  return runAcp({ ...how, version, input, output: Writable.toWeb(process.stdout) });
}
