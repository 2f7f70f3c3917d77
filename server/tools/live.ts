/** What a person sees of a command while it runs: all of it as long as it is little, a steady trickle when it is a flood. */
import type { CallWorld } from "../ports.ts";
import { count, visible } from "./show.ts";

const burst = 64 * 1024;
const perSecond = 8 * 1024;

export function openLive(world: CallWorld): { add(text: string): void } {
  let budget = burst;
  let last = world.clock.monotonic();
  let dropped = 0;
  return {
    add(text) {
      const now = world.clock.monotonic();
      budget = Math.min(burst, budget + ((now - last) / 1000) * perSecond);
      last = now;
      if (text.length > budget) {
        dropped += text.length;
        return;
      }
      budget -= text.length;
      const gap = dropped > 0 ? `\n… (${count(dropped, "character")} not shown)\n` : "";
      dropped = 0;
      world.output(gap + visible(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n")));
    },
  };
}
