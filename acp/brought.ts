/**
 * MCP servers of the editor: named to the server as plugins of this session's folder, and each that nobody approved asked about twice, as
 * anywhere: whether it may be started, and whether what it offers may be used.
 */
import { changeLines, lookLines, rowLines } from "../client/plugin-text.ts";
import type { BroughtPlugin, PluginRow } from "../protocol/plugin-methods.ts";
import { fenced } from "./calls.ts";
import type { Editor, McpServer, Pair, PermissionOption } from "./editor.ts";
import type { Server } from "./server.ts";

/** By the names that plugins may have. */
export function pluginsOf(servers: readonly McpServer[]): Record<string, BroughtPlugin> {
  const named = servers.map((server) => [server.name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64), specOf(server)]);
  return Object.fromEntries(named) as Record<string, BroughtPlugin>;
}

const pairs = (list: readonly Pair[]): Record<string, string> =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

const specOf = (server: McpServer): BroughtPlugin =>
  server.type === "stdio"
    ? { command: [server.command, ...server.args], env: pairs(server.env) }
    : { url: server.url, headers: pairs(server.headers) };

export interface Place {
  session: string;
  cwd: string;
  editor: Editor;
  server: Pick<Server, "call">;
  /** The session is not open here any more. */
  left: AbortSignal;
}

/** Never more than one question at a time; a no, and an editor that cannot ask, leave the plugin as it is. */
export async function askAbout(place: Place, source: string): Promise<void> {
  const { cwd, server, left } = place;
  const { plugins } = await server.call("pluginsList", { cwd });
  for (const row of plugins) {
    const waits = row.state === "unapproved" || row.state === "changed";
    if (row.source === source && waits && !left.aborted) await ask(place, row);
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
  { editor, session, left }: Place,
  id: string,
  title: string,
  lines: readonly string[],
  work: () => Promise<T>,
): Promise<T | null> {
  const detail = lines.join("\n");
  const call = { id, title, kind: "other", state: "asked" } as const;
  const end = (state: "done" | "refused" | "failed"): Promise<void> =>
    editor.tell(session, { type: "call.changed", call: { id, state } });
  await editor.tell(session, { type: "call", call: { ...call, content: [{ type: "text", text: fenced(detail) }] } });
  try {
    const asked = { id, title, detail, verbatim: true, diffs: [], call, options };
    const yes = (await editor.permit(session, asked, left)) === "yes";
    const done = yes ? await work() : null;
    await end(yes ? "done" : "refused");
    return done;
  } catch (error) {
    if (left.aborted) return null;
    await end("failed");
    throw error;
  }
}
