/** Starts a plugin as a host does, with the MCP SDK client, and collects its notifications and requests. */
import { once } from "node:events";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  type ClientCapabilities,
  type Notification,
  type Request,
  type Result,
  ResultSchema,
} from "@modelcontextprotocol/sdk/types.js";

export interface StartedPlugin {
  client: Client;
  pid: number;
  /** Notifications so far, without those that answer a request. */
  notifications: Notification[];
  /** What the plugin wrote to standard error so far. */
  errors(): string;
  ask(method: string, params?: Record<string, unknown>): Promise<Result>;
  /** The text of a call, and whether it is an error. */
  call(name: string, input?: Record<string, unknown>): Promise<{ text: string; failed: boolean }>;
  hook(event: string, payload: Record<string, unknown>): Promise<Result>;
  /** The first notification of this method, now or later. */
  heard(method: string): Promise<Notification>;
  close(): Promise<void>;
}

interface Options {
  env?: Record<string, string>;
  cwd?: string;
  /** Answers requests of the plugin; without it the host knows none of them. */
  answer?: (request: Request) => Result | Promise<Result>;
  capabilities?: ClientCapabilities;
}

export async function start(argv: [string, ...string[]], options: Options = {}): Promise<StartedPlugin> {
  const [command, ...args] = argv;
  const transport = new StdioClientTransport({
    command,
    args,
    stderr: "pipe",
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const client = new Client({ name: "test", version: "1" }, { capabilities: options.capabilities ?? {} });
  const { answer } = options;
  if (answer) client.fallbackRequestHandler = async (request) => answer(request);
  const notifications: Notification[] = [];
  const waiting = new Set<() => void>();
  client.fallbackNotificationHandler = async (notification) => {
    notifications.push(notification);
    for (const look of waiting) look();
  };
  let errors = "";
  transport.stderr?.on("data", (piece) => {
    errors += piece;
  });
  await client.connect(transport);
  const ask: StartedPlugin["ask"] = (method, params = {}) => client.request({ method, params }, ResultSchema);
  const ended = transport.stderr && once(transport.stderr, "close");
  return {
    client,
    pid: transport.pid ?? 0,
    notifications,
    errors: () => errors,
    ask,
    async call(name, input = {}) {
      const result = await client.callTool({ name, arguments: input });
      const content = result.content as { type: string; text?: string }[];
      return { text: content.map(({ text = "" }) => text).join(""), failed: result.isError === true };
    },
    hook: (event, payload) => ask("tutti/hook", { event, payload }),
    heard: (method) =>
      new Promise((done) => {
        const look = (): void => {
          const found = notifications.find((one) => one.method === method);
          if (found === undefined) return;
          waiting.delete(look);
          done(found);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      await client.close();
      await ended;
    },
  };
}

/** An included plugin; call `build` of test/help/build.ts first. */
export const includedPlugin = (name: string): [string, string] => [
  process.execPath,
  join(import.meta.dirname, "../../dist/plugins", `${name}.cjs`),
];
