/** Hooks that wait for trust, for people. Pure. */
import type { CommandHook } from "./trust-items.ts";

export interface ListedHook {
  hook: CommandHook;
  granted: boolean;
}

/** One line for each file. */
export function listUntrusted(hooks: readonly ListedHook[]): string[] {
  const sources = hooks.flatMap(({ hook, granted }) => (granted ? [] : [hook.source]));
  return [...new Set(sources)].map((source) => {
    const count = sources.filter((one) => one === source).length;
    const subject =
      count === 1 ? "1 hook has no effect until you trust it" : `${count} hooks have no effect until you trust them`;
    return `${source}: ${subject}. Review with \`tutti trust\`.`;
  });
}
