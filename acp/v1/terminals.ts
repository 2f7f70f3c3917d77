/**
 * Display-only terminals: the command runs in the server, and the editor shows its output. They are an extension of ACP: an editor sets
 * `terminal_output` in the `_meta` of its capabilities, and then reads `terminal_info`, `terminal_output` and `terminal_exit` in the
 * `_meta` of tool calls. Zed shows command output only this way.
 */
import type { SessionUpdate, ToolCallContent } from "@agentclientprotocol/sdk";
import type { CallState } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { Call, Update } from "../editor.ts";
import { callOf, contentOf } from "./updates.ts";

export interface Terminals {
  /** Null if the update is not about a call with a terminal. */
  updateOf(session: string, update: Update): SessionUpdate | null;
}

export function openTerminals(): Terminals {
  /** The raw output already sent to the terminal of each running call. */
  const shownOutput = new Map<string, string>();
  return {
    updateOf(session, update) {
      if (update.type !== "call" && update.type !== "call.changed") return null;
      const { call } = update;
      const key = `${session} ${call.id}`;
      const shown = { ...callOf(call), content: inTerminal(call) };
      const terminal = { terminal_id: call.id };
      if (update.type === "call") {
        if (call.kind !== "execute") return null;
        shownOutput.set(key, "");
        return { sessionUpdate: "tool_call", ...shown, title: update.call.title, _meta: { terminal_info: terminal } };
      }
      const before = shownOutput.get(key);
      if (before === undefined) return null;
      const output = call.content?.find((one) => one.type === "output");
      const next = output ? nextOutput(before, output.text) : { output: before, data: "" };
      const exit = call.state && exits[call.state];
      if (exit) shownOutput.delete(key);
      else shownOutput.set(key, next.output);
      return {
        sessionUpdate: "tool_call_update",
        ...shown,
        _meta: {
          ...(next.data !== "" && { terminal_output: { ...terminal, data: next.data } }),
          ...(exit && { terminal_exit: { ...terminal, ...exit } }),
        },
      };
    },
  };
}

const inTerminal = ({ id, content = [] }: Call): ToolCallContent[] => [
  { type: "terminal", terminalId: id },
  ...content.filter(({ type }) => type !== "output").flatMap(contentOf),
];

/** The actual exit code is in the output. */
const exits: Partial<Record<CallState, { exit_code: number | null; signal: null }>> = {
  done: { exit_code: 0, signal: null },
  failed: { exit_code: null, signal: null },
  refused: { exit_code: null, signal: null },
  interrupted: { exit_code: null, signal: null },
};

const CLEAR = "\x1b[H\x1b[2J\x1b[3J";

/** An incomplete escape sequence at the end, which the next output may complete. */
const partialEscape = /\x1b(?:\[[0-9;:]*)?$/;

/** The new output to append. If it does not continue the previous output, as at the end of a long one, clears the terminal. */
function nextOutput(before: string, output: string): { output: string; data: string } {
  const complete = output.replace(partialEscape, "");
  const same = commonLength(before, complete);
  // The final output has trailing empty lines removed.
  if (before.slice(same).trim() === "") return { output: complete, data: sanitize(complete.slice(same)) };
  return { output: complete, data: CLEAR + sanitize(complete) };
}

const sanitize = (text: string): string => printable(text, { keepNewlines: true });

function commonLength(one: string, other: string): number {
  if (other.startsWith(one)) return one.length;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
