/** An editor that speaks version 1 of ACP. */
import {
  type AgentContext,
  type InitializeRequest,
  RequestError,
  type RequestPermissionRequest,
} from "@agentclientprotocol/sdk";
import { diffContent, fenceText } from "../calls.ts";
import type { Content, Editor, EditorFiles, PermissionRequest } from "../editor.ts";
import { openTerminals } from "./terminals.ts";
import { callOf, updatesOf } from "./updates.ts";

export type InitializeParams = Pick<InitializeRequest, "clientInfo" | "clientCapabilities">;

export function editorOf(
  client: AgentContext,
  { clientInfo, clientCapabilities: capabilities = {} }: InitializeParams,
): Editor {
  const features = {
    notices: Boolean(capabilities.session?.notices),
    compaction: Boolean(capabilities.session?.compaction),
  };
  const terminals = capabilities._meta?.terminal_output === true ? openTerminals() : null;
  return {
    name: clientInfo?.title ?? clientInfo?.name ?? "editor",
    hasForms: Boolean(capabilities.elicitation?.form),
    files: capabilities.fs?.readTextFile === true ? filesOf(client, capabilities.fs.writeTextFile === true) : null,
    async notify(sessionId, update) {
      const inTerminal = terminals?.updateOf(sessionId, update);
      for (const wireUpdate of inTerminal ? [inTerminal] : updatesOf(update, features))
        await client.notify("session/update", { sessionId, update: wireUpdate });
    },
    async requestPermission(sessionId, permission, settled) {
      const { options } = permission;
      const request: RequestPermissionRequest = { sessionId, toolCall: subjectOf(permission), options: [...options] };
      const { outcome } = await client.request("session/request_permission", request, cancelledBy(settled));
      return outcome.outcome === "selected" ? outcome.optionId : null;
    },
    requestForm: (form, settled) => client.request("elicitation/create", form, cancelledBy(settled)),
  };
}

const cancelledBy = (settled: AbortSignal) => ({ cancellationSignal: settled, stopWaitingOnCancel: true });

/** In version 1, a permission request is always about a tool call, whose content shows the details. */
function subjectOf({ id, title, detail, verbatim, diffs, call }: PermissionRequest) {
  const text = verbatim ? `${title}\n\n${fenceText(detail)}` : detail;
  const content: Content[] = diffs.length > 0 ? diffContent(diffs) : [{ type: "text", text }];
  return callOf({ ...(call ?? { id, title, kind: "other" }), content });
}

const MAX_LINES = 2 ** 31 - 1;

function filesOf(client: AgentContext, writes: boolean): EditorFiles {
  return {
    async read(sessionId, path) {
      try {
        return (await client.request("fs/read_text_file", { sessionId, path, line: 1, limit: MAX_LINES })).content;
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
