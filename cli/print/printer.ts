/** Prints the events of one turn. Events are in the log before they are printed. */
import type { Envelope, EventOf, Failure } from "../../protocol/events.ts";
import type { ModelUsage } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";

export interface RunResult {
  /** The text after the last call: the result. */
  text: string;
  view: SessionView;
  end: EventOf<"turn.ended">;
  failure: Failure | null;
  /** The exit code, if something other than the failure decides it. */
  exitCode: number | null;
  milliseconds: number;
  steps: number;
  /** Usage of this run by model, without earlier usage of the session. */
  usage: readonly ModelUsage[];
  refused: { call: string; name: string; input: unknown }[];
}

export interface Printer {
  event(envelope: Envelope, view: SessionView): void;
  end(ended: RunResult): void;
}
