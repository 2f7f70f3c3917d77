/** The command line's way to the agent for editors, which knows neither it nor the server. */
import { Readable, Writable } from "node:stream";
import { runAcp } from "../acp/main.ts";
import type { Acp } from "../cli/command.ts";

export function serveEditor(how: Acp, version: string): Promise<number> {
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  return runAcp({ ...how, version, input, output: Writable.toWeb(process.stdout) });
}
