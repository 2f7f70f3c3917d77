/** Standard input and output as a transport that ends the process with its input, but not before what was asked is answered. */
import { Console } from "node:console";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";

/** What takes longer than this after the end of the input is given up. */
const LAST_ANSWERS_MS = 2_000;

/** Begins to listen with `begin`, which is given the transport; what `console` prints goes to standard error from now on. */
export async function overStdio<T>(begin: (transport: StdioServerTransport) => Promise<T>): Promise<T> {
  globalThis.console = new Console(process.stderr);
  const asked = new Set<RequestId>();
  let over = false;
  const endIfAnswered = (): void => {
    if (over && asked.size === 0) process.exit(0);
  };
  const transport = new StdioServerTransport();
  const begun = await begin(transport);
  const { onmessage } = transport;
  const send = transport.send.bind(transport);
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("method" in message && "id" in message) asked.add(message.id);
    onmessage?.(message);
  };
  transport.send = async (message: JSONRPCMessage) => {
    await send(message);
    if ("method" in message || message.id === undefined) return;
    asked.delete(message.id);
    endIfAnswered();
  };
  process.stdin.once("end", () => {
    over = true;
    setTimeout(() => process.exit(0), LAST_ANSWERS_MS).unref();
    endIfAnswered();
  });
  return begun;
}
