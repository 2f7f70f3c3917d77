/** A transport on standard input and output. Ends the process after the input has ended and pending requests have responses. */
import { Console } from "node:console";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";

/** Requests that take longer than this after the end of the input are abandoned. */
const DRAIN_TIMEOUT_MS = 2_000;

/** Connects the transport with `connect`. From then on, `console` writes to standard error. */
export async function serveStdio<T>(connect: (transport: StdioServerTransport) => Promise<T>): Promise<T> {
  globalThis.console = new Console(process.stderr);
  const pending = new Set<RequestId>();
  let inputEnded = false;
  const exitIfDone = (): void => {
    if (inputEnded && pending.size === 0) process.exit(0);
  };
  const transport = new StdioServerTransport();
  const result = await connect(transport);
  const { onmessage } = transport;
  const send = transport.send.bind(transport);
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("method" in message && "id" in message) pending.add(message.id);
    onmessage?.(message);
  };
  transport.send = async (message: JSONRPCMessage) => {
    await send(message);
    if ("method" in message || message.id === undefined) return;
    pending.delete(message.id);
    exitIfDone();
  };
  process.stdin.once("end", () => {
    inputEnded = true;
    setTimeout(() => process.exit(0), DRAIN_TIMEOUT_MS).unref();
    exitIfDone();
  });
  return result;
}
