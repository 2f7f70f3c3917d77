/** What one tool call may use. */
import type { FileChange } from "../../protocol/events.ts";
import { formatAnswer } from "../../protocol/questions.ts";
import { createDeltaBatcher } from "../agent/delta-batcher.ts";
import type { Clock, ToolCallContext, ToolContext } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import type { Subagents } from "../subagents.ts";

export interface CallContextDeps {
  clock: Clock;
  holdBack(text: string): number;
}

interface CallOptions {
  onFileChanged(call: string, change: FileChange): Promise<void>;
  subagents: Subagents | null;
}

export function createToolCallContext(
  deps: CallContextDeps,
  session: TurnSession,
  context: ToolContext,
  call: string,
  { onFileChanged, subagents }: CallOptions = { onFileChanged: async () => undefined, subagents: null },
): ToolCallContext {
  /** An interrupted tool may still produce output after its call has ended. */
  const isRunning = (): boolean => {
    const part = session.view().parts.findLast(({ id }) => id === call);
    return part?.type === "call" && part.state === "running";
  };
  const batcher = createDeltaBatcher(deps.clock, deps.holdBack, (text) => {
    if (isRunning()) session.append({ type: "call.output", call, text });
  });
  return {
    ...context,
    call,
    signal: session.signal,
    output(text) {
      if (isRunning()) batcher.add(text);
    },
    async ask(title, detail, choices, freeText) {
      const resolution = await session.ask({ kind: "choice", call, title, detail, choices, freeText });
      return resolution && formatAnswer(resolution.answer);
    },
    subagents,
    async updatePlan(items) {
      session.append({ type: "plan.updated", items });
    },
    async fileChanged(change) {
      session.append({ type: "file.changed", call, change });
      await session.sync();
      await onFileChanged(call, change);
    },
  };
}
