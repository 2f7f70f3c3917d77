/** A command line of the person's own, `!npm test`: run as the model's would be, without asking, but not against a deny rule. */
import type { Author } from "../protocol/events.ts";
import type { Settings } from "../protocol/methods.ts";
import type { Judgement, TurnResult } from "./agent/turn.ts";
import type { Tool, ToolResult } from "./ports.ts";
import type { TurnSession } from "./session/session.ts";
import { callWorld, type JudgeQuestion, refuseWithoutSandbox, type TurnParts } from "./turns.ts";

export interface OwnCommandParts extends Pick<TurnParts, "clock" | "holdBack" | "worldOf" | "settingsAt"> {
  /** What runs command lines. */
  tool: Tool;
  judge(question: JudgeQuestion): Promise<Judgement>;
}

export async function runOwnCommand(
  parts: OwnCommandParts,
  given: TurnSession,
  command: string,
  by: Author,
): Promise<TurnResult> {
  const session: TurnSession = { ...given, append: (event, author = by) => given.append(event, author) };
  const { turn } = session;
  const { id, cwd } = session.view();
  const { tool } = parts;
  refuseWithoutSandbox(await parts.settingsAt(cwd));
  const call = `call_${turn}_1_1`;
  const world = parts.worldOf(id, cwd, session.changes);
  const asked = { type: "call.asked", turn, step: 1, call, name: tool.name, kind: tool.kind } as const;
  const parsed = tool.parse({ command });
  if (!parsed.ok) {
    session.append({ ...asked, locations: [], title: command, input: null, raw: command });
    session.append({ type: "call.done", call, state: "failed", output: parsed.problem });
    return { outcome: "done" };
  }
  const plan = await tool.plan(parsed.input, world);
  session.append({ ...asked, locations: [], title: plan.title, input: { command } });
  // What the mode would ask about or forbid the model, the person has decided by typing it.
  const settings: Settings = { mode: "auto" };
  const { input } = parsed;
  const judged = await parts.judge({ tool, input, wants: plan.wants, session: id, cwd, settings, approved: [] });
  if (judged.decision === "deny") {
    session.append({ type: "call.done", call, state: "refused", output: `not run: ${judged.reason}` });
    return { outcome: "done" };
  }
  session.append({ type: "call.started", call });
  await session.sync();
  const result = await tool
    .run(input, callWorld(parts, session, world, call), plan)
    .catch((error): ToolResult => ({ ok: false, output: error instanceof Error ? error.message : String(error) }));
  const state = session.signal.aborted ? "interrupted" : result.ok ? "done" : "failed";
  const blob = result.blob === undefined ? {} : { blob: result.blob };
  session.append({ type: "call.done", call, state, output: result.output, ...blob });
  return { outcome: session.signal.aborted ? "cancelled" : "done" };
}
