/** Our plugin host as the tested client of the official conformance suite: connects to the URL in the last argument, logs in if asked, and uses everything offered. */
import { setTimeout as after } from "node:timers/promises";
import { openKeys } from "../../server/model/keys.ts";
import { clock } from "../../server/node/clock.ts";
import { elicit } from "../../server/plugins/elicitation.ts";
import { connectWithLogin } from "../../server/plugins/login.ts";
import type { PluginEvents } from "../../server/plugins/plugin-connection.ts";

const url = process.argv.at(-1) ?? "";
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}") as {
  client_id?: string;
  client_secret?: string;
};

/** A scripted user who accepts default values, and skips fields without one. */
const ask = async (_title: string, _detail: string, choices: { id: string }[]): Promise<string> =>
  ["default", "skip"].find((id) => choices.some((choice) => choice.id === id)) ?? choices[0]?.id ?? "";

const events: PluginEvents = {
  onChanged: () => undefined,
  notify: () => undefined,
  elicit: (asked) => elicit("conformance", asked, ask),
  handleRequest: () => Promise.reject(new Error("nothing is answered here")),
  onEnded: () => undefined,
};

const link = await connectWithLogin(
  {
    name: "conformance",
    source: "the suite",
    own: true,
    url,
    env: {},
    headers: {},
    variables: null,
    cwd: "/",
    anywhere: true,
    enabled: true,
    timeoutMs: 20_000,
    sampling: false,
  },
  {
    keys: openKeys({ env: {}, dataDir: process.env.CONFORMANCE_DATA ?? "", openKeychain: async () => null }),
    clock,
    events,
    clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
    ...(context.client_id !== undefined && {
      client: { client_id: context.client_id, ...(context.client_secret && { client_secret: context.client_secret }) },
    }),
    options: { version: "0", roots: () => [], sampling: null, startMs: 10_000 },
    // The suite's authorization server says yes at once, and sends the browser back.
    open: (page) => void fetch(page).catch(() => undefined),
  },
);
for (const tool of await link.tools()) {
  const input = scenario === "tools_call" ? { a: 5, b: 3 } : {};
  await link.call(tool.name, input, { timeoutMs: 20_000 }).catch((error: unknown) => {
    // What is refused on purpose is refused to the client; the suite judges what came before.
    process.stderr.write(`${tool.name}: ${error instanceof Error ? error.message : String(error)}\n`);
  });
}
await after(50);
await link.close();
process.exit(0);
