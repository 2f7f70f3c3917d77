/**
 * MCP servers of the editor: named to the server as plugins of this session's folder, and each that nobody approved asked about twice, as
 * anywhere: whether it may be started, and whether what it offers may be used.
 */
import type {
  AgentContext,
  McpServer,
  PermissionOption,
  RequestPermissionRequest,
  SessionUpdate,
} from "@agentclientprotocol/sdk";
import { changeLines, lookLines, rowLines } from "../client/plugin-text.ts";
import type { BroughtPlugin, PluginRow } from "../protocol/plugin-methods.ts";
import { fenced, words } from "./calls.ts";
import { wrong } from "./errors.ts";
import type { Server } from "./server.ts";

/** By the names that plugins may have. Throws for a way of connecting that was not offered. */
export function pluginsOf(servers: readonly McpServer[]): Record<string, BroughtPlugin> {
  const named = servers.map((server) => [server.name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64), specOf(server)]);
  return Object.fromEntries(named) as Record<string, BroughtPlugin>;
}

const pairs = (list: readonly { name: string; value: string }[]): Record<string, string> =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

function specOf(server: McpServer): BroughtPlugin {
  if (!("type" in server)) return { command: [server.command, ...server.args], env: pairs(server.env) };
  if (server.type === "http") return { url: server.url, headers: pairs(server.headers) };
  throw wrong(`The MCP server ${server.name} speaks ${server.type}; Tutti takes stdio and http.`);
}

export interface Place {
  session: string;
  cwd: string;
  client: AgentContext;
  server: Pick<Server, "call">;
}

/** Never more than one question at a time; a no, and an editor that cannot ask, leave the plugin as it is. */
export async function askAbout(place: Place, source: string): Promise<void> {
  const { cwd, server } = place;
  const { plugins } = await server.call("pluginsList", { cwd });
  for (const row of plugins) {
    const waits = row.state === "unapproved" || row.state === "changed";
    if (row.source === source && waits) await ask(place, row);
  }
}

async function ask(place: Place, row: PluginRow): Promise<void> {
  const { cwd, server } = place;
  const { name, identity } = row;
  const look = await onceAgreed(place, `plugin.${name}.start`, `Start the MCP server ${name}?`, rowLines(row), () =>
    server.call("pluginsLook", { cwd, name, identity }),
  );
  if (!look) return;
  const brings = [...lookLines(row, look), ...(row.state === "changed" ? changeLines(look) : [])];
  await onceAgreed(place, `plugin.${name}.use`, `Use ${name}, with what it offers?`, brings, () =>
    server.call("pluginsApprove", { cwd, name, identity, digest: look.digest }),
  );
}

const options: PermissionOption[] = [
  { optionId: "yes", name: "Yes", kind: "allow_always" },
  { optionId: "no", name: "No", kind: "reject_once" },
];

/** Does it when a person has said yes, and only then; null where they did not. What was asked is shown as a call, with its end. */
async function onceAgreed<T>(
  { client, session }: Place,
  id: string,
  title: string,
  lines: readonly string[],
  work: () => Promise<T>,
): Promise<T | null> {
  const content = [words(fenced(lines.join("\n")))];
  const tell = (update: SessionUpdate): Promise<void> =>
    client.notify("session/update", { sessionId: session, update });
  const end = (status: "completed" | "failed"): Promise<void> =>
    tell({ sessionUpdate: "tool_call_update", toolCallId: id, status });
  await tell({ sessionUpdate: "tool_call", toolCallId: id, title, kind: "other", status: "pending", content });
  try {
    const toolCall = { toolCallId: id, title, kind: "other" as const, content };
    const asked: RequestPermissionRequest = { sessionId: session, toolCall, options };
    const { outcome } = await client.request("session/request_permission", asked);
    const yes = outcome.outcome === "selected" && outcome.optionId === "yes";
    const done = yes ? await work() : null;
    await end(yes ? "completed" : "failed");
    return done;
  } catch (error) {
    await end("failed");
    throw error;
  }
}
