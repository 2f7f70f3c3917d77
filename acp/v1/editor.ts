/** An editor that speaks version 1 of ACP. */
import {
  type AgentContext,
  type InitializeRequest,
  RequestError,
  type RequestPermissionRequest,
} from "@agentclientprotocol/sdk";
import { fenced, shown } from "../calls.ts";
import type { Content, Editor, EditorFiles, Permission } from "../editor.ts";
import { openTerminals } from "./terminals.ts";
import { callOf, updatesOf } from "./updates.ts";

export type Hello = Pick<InitializeRequest, "clientInfo" | "clientCapabilities">;

export function editorOf(client: AgentContext, { clientInfo, clientCapabilities: can = {} }: Hello): Editor {
  const shows = { notices: Boolean(can.session?.notices), compaction: Boolean(can.session?.compaction) };
  const terminals = can._meta?.terminal_output === true ? openTerminals() : null;
  return {
    name: clientInfo?.title ?? clientInfo?.name ?? "editor",
    hasForms: Boolean(can.elicitation?.form),
    files: can.fs?.readTextFile === true ? filesOf(client, can.fs.writeTextFile === true) : null,
    async tell(sessionId, told) {
      const inTerminal = terminals?.updateOf(sessionId, told);
      for (const update of inTerminal ? [inTerminal] : updatesOf(told, shows))
        await client.notify("session/update", { sessionId, update });
    },
    async permit(sessionId, permission, settled) {
      const { options } = permission;
      const asked: RequestPermissionRequest = { sessionId, toolCall: subjectOf(permission), options: [...options] };
      const { outcome } = await client.request("session/request_permission", asked, takenBackBy(settled));
      return outcome.outcome === "selected" ? outcome.optionId : null;
    },
    fill: (form, settled) => client.request("elicitation/create", form, takenBackBy(settled)),
  };
}

const takenBackBy = (settled: AbortSignal) => ({ cancellationSignal: settled, stopWaitingOnCancel: true });

/** A permission is always about a call here, and what is asked stands in it. */
function subjectOf({ id, title, detail, verbatim, diffs, call }: Permission) {
  const words = verbatim ? `${title}\n\n${fenced(detail)}` : detail;
  const content: Content[] = diffs.length > 0 ? shown(diffs) : [{ type: "text", text: words }];
  return callOf({ ...(call ?? { id, title, kind: "other" }), content });
}

const MOST_LINES = 2 ** 31 - 1;

function filesOf(client: AgentContext, writes: boolean): EditorFiles {
  return {
    async read(sessionId, path) {
      try {
        return (await client.request("fs/read_text_file", { sessionId, path, line: 1, limit: MOST_LINES })).content;
      } catch (error) {
        if (error instanceof RequestError) return null;
        throw error;
      }
    },
    write: writes
      ? async (sessionId, path, content) => {
          await client.request("fs/write_text_file", { sessionId, path, content });
        }
      : null,
  };
}
