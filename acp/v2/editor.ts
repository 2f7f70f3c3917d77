/** An editor that speaks the draft of version 2 of ACP. */
import {
  type AgentContext,
  type InitializeRequest,
  RequestPermissionOutcome,
  type RequestPermissionSubject,
} from "@agentclientprotocol/sdk/experimental/v2";
import { diffContent } from "../calls.ts";
import type { Editor, PermissionRequest } from "../editor.ts";
import { callOf, updatesOf } from "./updates.ts";

export type InitializeParams = Pick<InitializeRequest, "info" | "capabilities">;

export function editorOf(
  client: AgentContext,
  { info, capabilities: clientCapabilities = {} }: InitializeParams,
): Editor {
  return {
    name: info.title ?? info.name,
    hasForms: Boolean(clientCapabilities.elicitation?.form),
    // The draft has no client file access.
    files: null,
    async notify(sessionId, update) {
      for (const wireUpdate of updatesOf(update))
        await client.notify("session/update", { sessionId, update: wireUpdate });
    },
    async requestPermission(sessionId, permission, settled) {
      const { title, detail, diffs, options } = permission;
      const { outcome } = await client.request(
        "session/request_permission",
        {
          sessionId,
          title,
          ...(diffs.length === 0 && { description: detail }),
          subject: subjectOf(permission),
          options: [...options],
        },
        cancelledBy(settled),
      );
      return RequestPermissionOutcome.isSelected(outcome) ? outcome.optionId : null;
    },
    requestForm: (form, settled) => client.request("elicitation/create", form, cancelledBy(settled)),
  };
}

const cancelledBy = (settled: AbortSignal) => ({ cancellationSignal: settled, stopWaitingOnCancel: true });

/** The request itself contains the details; proposed changes are in the tool call. */
function subjectOf({ call, diffs }: PermissionRequest): RequestPermissionSubject | null {
  if (!call) return null;
  return { type: "tool_call", toolCall: callOf({ ...call, ...(diffs.length > 0 && { content: diffContent(diffs) }) }) };
}
