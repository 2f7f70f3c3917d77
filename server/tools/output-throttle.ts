/** Limits the live output of a running command: short output is shown in full, a flood is throttled to a steady rate. */
import type { ToolCallContext } from "../ports.ts";
import { escapeControls, formatCount } from "./format-output.ts";

const BURST = 64 * 1024;
const CHARS_PER_SECOND = 8 * 1024;

export function createOutputThrottle(context: ToolCallContext): { add(text: string): void } {
  let budget = BURST;
  let last = context.clock.monotonic();
  let dropped = 0;
  return {
    add(text) {
      const now = context.clock.monotonic();
      budget = Math.min(BURST, budget + ((now - last) / 1000) * CHARS_PER_SECOND);
      last = now;
      if (text.length > budget) {
        dropped += text.length;
        return;
      }
      budget -= text.length;
      const gap = dropped > 0 ? `\n… (${formatCount(dropped, "character")} not shown)\n` : "";
      dropped = 0;
      context.output(gap + escapeControls(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n")));
    },
  };
}
