/**
 * MCP servers that the editor configures: registered as client-provided plugins of the session's folder. Each one that is not approved
 * yet needs two approvals, as every plugin: to start it, and to enable its tools.
 */
import { formatChanges, formatInspection, formatPlugin } from "../client/plugin-text.ts";
import type { ClientPlugin, PluginRow } from "../protocol/plugin-methods.ts";
import { fenceText } from "./calls.ts";
import type { Editor, McpServer, NameValue, PermissionOption } from "./editor.ts";
import type { ServerConnection } from "./server-connection.ts";

/** By plugin name: invalid characters are replaced. */
export function pluginsOf(servers: readonly McpServer[]): Record<string, ClientPlugin> {
  const named = servers.map((server) => [server.name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64), specOf(server)]);
  return Object.fromEntries(named) as Record<string, ClientPlugin>;
}

const toRecord = (list: readonly NameValue[]): Record<string, string> =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

const specOf = (server: McpServer): ClientPlugin =>
  server.type === "stdio"
    ? { command: [server.command, ...server.args], env: toRecord(server.env) }
    : { url: server.url, headers: toRecord(server.headers) };

export interface ApprovalContext {
  session: string;
  cwd: string;
  editor: Editor;
  server: Pick<ServerConnection, "call">;
  /** Aborted when the session is closed here. */
  closed: AbortSignal;
}

/** Asks one question at a time. A plugin that is not approved stays disabled. */
export async function requestApprovals(approval: ApprovalContext, source: string): Promise<void> {
  const { cwd, server, closed } = approval;
  const { plugins } = await server.call("pluginsList", { cwd });
  for (const row of plugins) {
    const needsApproval = row.state === "unapproved" || row.state === "changed";
    if (row.source === source && needsApproval && !closed.aborted) await requestApproval(approval, row);
  }
}

async function requestApproval(place: ApprovalContext, row: PluginRow): Promise<void> {
  const { cwd, server } = place;
  const { name, identity } = row;
  const inspection = await runIfApproved(
    place,
    `plugin.${name}.start`,
    `Start the MCP server ${name}?`,
    formatPlugin(row),
    () => server.call("pluginsInspect", { cwd, name, identity }),
  );
  if (!inspection) return;
  const details = [...formatInspection(row, inspection), ...(row.state === "changed" ? formatChanges(inspection) : [])];
  await runIfApproved(place, `plugin.${name}.use`, `Enable ${name} and its tools?`, details, () =>
    server.call("pluginsApprove", { cwd, name, identity, digest: inspection.digest }),
  );
}

const options: PermissionOption[] = [
  { optionId: "yes", name: "Approve", kind: "allow_always" },
  { optionId: "no", name: "Deny", kind: "reject_once" },
];

/** Runs `work` only if the user approves; otherwise null. The request is shown as a tool call with its outcome. */
async function runIfApproved<T>(
  { editor, session, closed }: ApprovalContext,
  id: string,
  title: string,
  lines: readonly string[],
  work: () => Promise<T>,
): Promise<T | null> {
  const detail = lines.join("\n");
  const call = { id, title, kind: "other", state: "asked" } as const;
  const end = (state: "done" | "refused" | "failed"): Promise<void> =>
    editor.notify(session, { type: "call.changed", call: { id, state } });
  await editor.notify(session, {
    type: "call",
    call: { ...call, content: [{ type: "text", text: fenceText(detail) }] },
  });
  try {
    const request = { id, title, detail, verbatim: true, diffs: [], call, options };
    const approved = (await editor.requestPermission(session, request, closed)) === "yes";
    const result = approved ? await work() : null;
    await end(approved ? "done" : "refused");
    return result;
  } catch (error) {
    if (closed.aborted) return null;
    await end("failed");
    throw error;
  }
}
