/** Runs the user's own command line, `!npm test`: like a call of the model, without approval, but subject to deny rules. */
import { describeError } from "../../protocol/errors.ts";
import type { Author, Settings } from "../../protocol/events.ts";
import type { PermissionDecision, TurnResult } from "../agent/turn-context.ts";
import type { PermissionRequest } from "../permission/judge.ts";
import type { Tool, ToolResult } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { createToolCallContext } from "./call-context.ts";
import { refuseWithoutSandbox } from "./open-turn.ts";
import type { TurnRunnerDeps } from "./turn-runner.ts";

export interface ShellCommandDeps extends Pick<TurnRunnerDeps, "clock" | "holdBack" | "toolContext" | "configFor"> {
  /** The tool that runs command lines. */
  tool: Tool;
  judge(request: PermissionRequest): Promise<PermissionDecision>;
}

export async function runShellCommand(
  deps: ShellCommandDeps,
  turnSession: TurnSession,
  command: string,
  by: Author,
): Promise<TurnResult> {
  const session: TurnSession = {
    ...turnSession,
    append: (event, author = by) => turnSession.append(event, author),
  };
  const { turn } = session;
  const { id, cwd } = session.view();
  const { tool } = deps;
  refuseWithoutSandbox(await deps.configFor(cwd));
  const call = `call_${turn}_1_1`;
  const context = deps.toolContext(id, cwd, session.changes);
  const event = { type: "call.asked", turn, step: 1, call, name: tool.name, kind: tool.kind } as const;
  const parsed = tool.parse({ command });
  if (!parsed.ok) {
    session.append({ ...event, locations: [], title: command, input: null, raw: command });
    session.append({ type: "call.done", call, state: "failed", output: parsed.problem });
    return { outcome: "done" };
  }
  const prepared = await tool.prepare(parsed.input, context);
  session.append({ ...event, locations: [], title: prepared.title, input: { command } });
  // The mode applies to the model only: by typing the command the user has approved it.
  const settings: Settings = { mode: "auto" };
  const { input } = parsed;
  const permission = await deps.judge({
    tool,
    input,
    accesses: prepared.accesses,
    session: id,
    cwd,
    settings,
    approved: [],
  });
  if (permission.decision === "deny") {
    session.append({ type: "call.done", call, state: "refused", output: `not run: ${permission.reason}` });
    return { outcome: "done" };
  }
  session.append({ type: "call.started", call });
  await session.sync();
  const result = await tool
    .run(input, createToolCallContext(deps, session, context, call), prepared)
    .catch((error): ToolResult => ({ ok: false, output: describeError(error) }));
  const state = session.signal.aborted ? "interrupted" : result.ok ? "done" : "failed";
  const blob = result.blob === undefined ? {} : { blob: result.blob };
  session.append({ type: "call.done", call, state, output: result.output, ...blob });
  return { outcome: session.signal.aborted ? "cancelled" : "done" };
}
