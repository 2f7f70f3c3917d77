/** The exit code of a process whose input has ended: that of its last turn, as `tutti run` has it. */
import { errors, exitCode } from "../../protocol/errors.ts";
import type { TurnEnd } from "../../protocol/parts.ts";

const codes: Record<TurnEnd["outcome"], number> = {
  done: 0,
  failed: errors.failed.exit,
  limit: errors.limit.exit,
  cancelled: errors.interrupted.exit,
  interrupted: errors.interrupted.exit,
};

export const exitOf = ({ outcome, failure }: TurnEnd): number => (failure ? exitCode(failure.code) : codes[outcome]);
