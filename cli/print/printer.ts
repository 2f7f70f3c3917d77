/** How a run is shown: a pen for the events of one turn. What it writes was in the log before. */
import type { Envelope, EventOf, Failure } from "../../protocol/events.ts";
import type { ModelUsage } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";

export interface Ended {
  /** The text after the last call: the result. */
  text: string;
  view: SessionView;
  end: EventOf<"turn.ended">;
  failure: Failure | null;
  /** The exit code, where something other than the failure decides it. */
  exit: number | null;
  milliseconds: number;
  steps: number;
  /** What was used since the run began, by model; the session may have used more before. */
  spent: readonly ModelUsage[];
  refused: { call: string; name: string; input: unknown }[];
}

export interface Printer {
  event(envelope: Envelope, view: SessionView): void;
  end(ended: Ended): void;
}
