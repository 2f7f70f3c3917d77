/**
 * MCP over a process's standard input and output: one JSON message a line. What is no message is left out, what is too much waits or is
 * left out, and a process that writes without end or reads nothing is ended: no plugin may cost another one its time.
 */
import { StringDecoder } from "node:string_decoder";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Clock, Companion, CompanionSpec, Companions } from "../ports.ts";
import { openThrottle } from "./throttle.ts";

/** Characters of one message. */
const LINE_MOST = 32 * 1024 * 1024;
/** Characters without a message in a row, after which there is nobody who speaks MCP. */
const NOISE_MOST = 1024 * 1024;

export interface StdioTransport extends Transport {
  /** What the process last wrote to standard error, for people. */
  complaints(): string;
}

export function stdioTransport(
  companions: Companions,
  spec: Omit<CompanionSpec, "onData">,
  clock: Clock,
): StdioTransport {
  const decoder = new StringDecoder("utf8");
  const throttle = openThrottle(clock, (held) => companion?.hold(held));
  let companion: Companion | null = null;
  let closed = false;
  let waiting: string[] = [];
  let length = 0;
  let noise = 0;

  const transport: StdioTransport = {
    complaints: () => companion?.complaints() ?? "",
    async start() {
      const started = await companions.start({ ...spec, onData: (bytes) => take(decoder.write(Buffer.from(bytes))) });
      companion = started;
      void started.gone.then(close);
      if (closed) await started.end();
    },
    async send(message) {
      if (closed || !companion) throw new Error("the plugin has ended");
      if (companion.write(`${JSON.stringify(message)}\n`)) return;
      giveUp("it does not read what it is sent");
      throw new Error("the plugin does not read what it is sent");
    },
    async close() {
      close();
      await companion?.end();
    },
  };

  function close(): void {
    if (closed) return;
    closed = true;
    throttle.end();
    transport.onclose?.();
  }

  function giveUp(why: string): void {
    transport.onerror?.(new Error(why));
    close();
    void companion?.end();
  }

  function take(text: string): void {
    if (closed) return;
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0 && !closed; at = text.indexOf("\n", from)) {
      const piece = text.slice(from, at);
      const line = waiting.length === 0 ? piece : waiting.join("") + piece;
      waiting = [];
      length = 0;
      from = at + 1;
      hear(line);
    }
    const rest = from === 0 ? text : text.slice(from);
    if (rest === "") return;
    waiting.push(rest);
    length += rest.length;
    if (length > LINE_MOST) giveUp(`it sent a message of more than ${LINE_MOST / 1024 / 1024} MiB`);
  }

  function hear(line: string): void {
    if (line.trim() === "" || !throttle.lets(line)) return;
    const message = messageIn(line);
    if (message) {
      noise = 0;
      const told = "method" in message && !("id" in message) ? message.method : null;
      if (told === null || throttle.hears(told)) transport.onmessage?.(message);
      return;
    }
    noise += line.length + 1;
    if (noise > NOISE_MOST) giveUp("it writes something other than MCP to its standard output");
  }

  return transport;
}

function messageIn(line: string): JSONRPCMessage | null {
  if (!line.trimStart().startsWith("{")) return null;
  try {
    const value = JSON.parse(line) as { jsonrpc?: unknown };
    return value.jsonrpc === "2.0" ? (value as JSONRPCMessage) : null;
  } catch {
    return null;
  }
}
