/** Sends raw lines to the agent, without a client library, and validates its messages with the ACP schemas. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ajv2020 } from "ajv/dist/2020.js";
import { startAgent } from "./acp.ts";
import { repository } from "./plugins.ts";
import type { Home } from "./tutti.ts";

export type Json = Record<string, unknown>;

/** Creates an assertion that a value matches a named type in the schema of this version. */
export function createSchemaCheck(version: "v1" | "v2"): (name: string, value: unknown) => void {
  const path = join(repository, `node_modules/@agentclientprotocol/sdk/schema/${version}/schema.json`);
  const { $defs } = JSON.parse(readFileSync(path, "utf8")) as Json;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return (name, value) => {
    const check = ajv.compile({ $defs, $ref: `#/$defs/${name}` });
    assert.ok(check(value), `${name}: ${JSON.stringify(check.errors)} in ${JSON.stringify(value)}`);
  };
}

export function startRawAgent(home: Home, args: readonly string[] = []) {
  const child = startAgent(home, args);
  if (!child.stdin || !child.stdout) throw new Error("no pipes");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { stdin } = child;
  return {
    child,
    send: (text: string) => void stdin.write(`${text}\n`),
    ask: (id: number, method: string, params: unknown) =>
      void stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`),
    async next(fitting: (message: Json) => boolean = () => true): Promise<Json> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error("The agent ended.");
        const message = JSON.parse(value as string) as Json;
        if (fitting(message)) return message;
      }
    },
    async end() {
      const gone = once(child, "exit");
      stdin.end();
      return (await gone)[0] as number;
    },
  };
}

export const errorCode = (message: Json): unknown => (message.error as Json | undefined)?.code;
