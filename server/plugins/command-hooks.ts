/**
 * Hooks that are commands, as in Claude Code's settings: one JSON object on standard input, closed at once; exit code 0 with text or JSON
 * on standard output, 2 with the reason on standard error to refuse, any other to be left alone. They are asked like plugins.
 */

import type { HookEvent, HookSpec } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import type { Clock, Companions } from "../ports.ts";
import type { HookSource } from "./hooks.ts";

export interface CommandHook {
  /** The file that it stands in. */
  source: string;
  /** A name of Claude Code's, such as `PreToolUse`, or of ours. */
  event: string;
  /** A regular expression for the names of tools; null for all. */
  matcher: string | null;
  command: string;
  timeoutMs: number;
}

export interface CommandParts {
  companions?: Companions;
}

export function commandSource(_hook: CommandHook, _parts: { clock: Clock }): HookSource {
  const specs: HookSpec[] = [];
  return {
    by: { kind: "plugin", id: "hook", name: printable("hook") },
    specs,
    call: async (_event: HookEvent) => null,
  };
}
