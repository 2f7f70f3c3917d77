/** Starts the ACP agent for the command line, which imports neither acp/ nor server/. */
import { Readable, Writable } from "node:stream";
import type { StartAcpOptions } from "../cli/command.ts";

/** The draft version is a separate bundle, loaded only on request. */
export async function runAcpAgent(options: StartAcpOptions, version: string): Promise<number> {
  const { runAcp } = options.draftV2 ? await import("../acp/v2/main.ts") : await import("../acp/main.ts");
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  return runAcp({ ...options, version, input, output: Writable.toWeb(process.stdout) });
}
