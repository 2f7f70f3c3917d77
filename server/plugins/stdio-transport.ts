/**
 * MCP over standard input and output: one JSON message per line. Invalid lines are dropped, floods are throttled, and a process that
 * sends endless data or does not read its input is killed, so that no plugin can block others.
 */
import { StringDecoder } from "node:string_decoder";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Clock, StdioProcess, StdioProcesses, StdioProcessSpec } from "../ports.ts";
import { createThrottle } from "./throttle.ts";

/** Maximum characters of one message. */
const MAX_MESSAGE_LENGTH = 32 * 1024 * 1024;
/** Maximum characters in a row without a message, after which the process is not an MCP server. */
const MAX_NOISE = 1024 * 1024;

export interface StdioTransport extends Transport {
  /** The end of the process's standard error output. */
  stderrTail(): string;
}

export function createStdioTransport(
  stdioProcesses: StdioProcesses,
  spec: Omit<StdioProcessSpec, "onData">,
  clock: Clock,
): StdioTransport {
  const decoder = new StringDecoder("utf8");
  const throttle = createThrottle(clock, (paused) => child?.setPaused(paused));
  let child: StdioProcess | null = null;
  let closed = false;
  let pieces: string[] = [];
  let length = 0;
  let noise = 0;

  const transport: StdioTransport = {
    stderrTail: () => child?.stderrTail() ?? "",
    async start() {
      const started = await stdioProcesses.start({
        ...spec,
        onData: (bytes) => receive(decoder.write(Buffer.from(bytes))),
      });
      child = started;
      void started.exited.then(close);
      if (closed) await started.kill();
    },
    async send(message) {
      if (closed || !child) throw new Error("the plugin has ended");
      if (child.write(`${JSON.stringify(message)}\n`)) return;
      fail("it does not read its input");
      throw new Error("the plugin does not read its input");
    },
    async close() {
      close();
      await child?.kill();
    },
  };

  function close(): void {
    if (closed) return;
    closed = true;
    throttle.end();
    transport.onclose?.();
  }

  function fail(reason: string): void {
    transport.onerror?.(new Error(reason));
    close();
    void child?.kill();
  }

  function receive(text: string): void {
    if (closed) return;
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0 && !closed; at = text.indexOf("\n", from)) {
      const piece = text.slice(from, at);
      const line = pieces.length === 0 ? piece : pieces.join("") + piece;
      pieces = [];
      length = 0;
      from = at + 1;
      handleLine(line);
    }
    const rest = from === 0 ? text : text.slice(from);
    if (rest === "") return;
    pieces.push(rest);
    length += rest.length;
    if (length > MAX_MESSAGE_LENGTH) fail(`it sent a message larger than ${MAX_MESSAGE_LENGTH / 1024 / 1024} MiB`);
  }

  function handleLine(line: string): void {
    if (line.trim() === "" || !throttle.acceptsLine(line)) return;
    const message = parseMessage(line);
    if (message) {
      noise = 0;
      const notification = "method" in message && !("id" in message) ? message.method : null;
      if (notification === null || throttle.acceptsNotification(notification)) transport.onmessage?.(message);
      return;
    }
    noise += line.length + 1;
    if (noise > MAX_NOISE) fail("it writes something other than MCP to its standard output");
  }

  return transport;
}

function parseMessage(line: string): JSONRPCMessage | null {
  if (!line.trimStart().startsWith("{")) return null;
  try {
    const value = JSON.parse(line) as { jsonrpc?: unknown };
    return value.jsonrpc === "2.0" ? (value as JSONRPCMessage) : null;
  } catch {
    return null;
  }
}
