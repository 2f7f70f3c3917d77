/** An editor that speaks the draft of version 2 of ACP. */
import {
  type AgentContext,
  type InitializeRequest,
  RequestPermissionOutcome,
  type RequestPermissionSubject,
} from "@agentclientprotocol/sdk/experimental/v2";
import { shown } from "../calls.ts";
import type { Editor, Permission } from "../editor.ts";
import { callOf, updatesOf } from "./updates.ts";

export type Hello = Pick<InitializeRequest, "info" | "capabilities">;

export function editorOf(client: AgentContext, { info, capabilities: can = {} }: Hello): Editor {
  return {
    name: info.title ?? info.name,
    hasForms: Boolean(can.elicitation?.form),
    // The draft has no files of the client.
    files: null,
    async tell(sessionId, told) {
      for (const update of updatesOf(told)) await client.notify("session/update", { sessionId, update });
    },
    async permit(sessionId, permission, settled) {
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
        takenBackBy(settled),
      );
      return RequestPermissionOutcome.isSelected(outcome) ? outcome.optionId : null;
    },
    fill: (form, settled) => client.request("elicitation/create", form, takenBackBy(settled)),
  };
}

const takenBackBy = (settled: AbortSignal) => ({ cancellationSignal: settled, stopWaitingOnCancel: true });

/** What is asked is in the request itself; a change stands in its call, as what came of it will. */
function subjectOf({ call, diffs }: Permission): RequestPermissionSubject | null {
  if (!call) return null;
  return { type: "tool_call", toolCall: callOf({ ...call, ...(diffs.length > 0 && { content: shown(diffs) }) }) };
}
