/**
 * Terminals that an editor only shows: the command runs in the server, and the editor is told what it writes. ACP itself has no word for
 * them. An editor says `terminal_output` in the `_meta` of its capabilities, and then reads `terminal_info`, `terminal_output` and
 * `terminal_exit` in the `_meta` of calls. Zed is one, and shows what a command wrote in no other way.
 */
import type { SessionUpdate, ToolCallContent } from "@agentclientprotocol/sdk";
import type { CallState } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { Call, Update } from "../editor.ts";
import { callOf, contentOf } from "./updates.ts";

export interface Terminals {
  /** Null where the update is about no call that has a terminal. */
  updateOf(session: string, update: Update): SessionUpdate | null;
}

export function openTerminals(): Terminals {
  /** What the terminal of each call that goes on has been given, as the command wrote it. */
  const given = new Map<string, string>();
  return {
    updateOf(session, update) {
      if (update.type !== "call" && update.type !== "call.changed") return null;
      const { call } = update;
      const key = `${session} ${call.id}`;
      const shown = { ...callOf(call), content: inTerminal(call) };
      const own = { terminal_id: call.id };
      if (update.type === "call") {
        if (call.kind !== "execute") return null;
        given.set(key, "");
        return { sessionUpdate: "tool_call", ...shown, title: update.call.title, _meta: { terminal_info: own } };
      }
      const before = given.get(key);
      if (before === undefined) return null;
      const output = call.content?.find((one) => one.type === "output");
      const next = output ? following(before, output.text) : { given: before, data: "" };
      const exit = call.state && exits[call.state];
      if (exit) given.delete(key);
      else given.set(key, next.given);
      return {
        sessionUpdate: "tool_call_update",
        ...shown,
        _meta: {
          ...(next.data !== "" && { terminal_output: { ...own, data: next.data } }),
          ...(exit && { terminal_exit: { ...own, ...exit } }),
        },
      };
    },
  };
}

const inTerminal = ({ id, content = [] }: Call): ToolCallContent[] => [
  { type: "terminal", terminalId: id },
  ...content.filter(({ type }) => type !== "output").flatMap(contentOf),
];

/** Which code it was that failed is in the output. */
const exits: Partial<Record<CallState, { exit_code: number | null; signal: null }>> = {
  done: { exit_code: 0, signal: null },
  failed: { exit_code: null, signal: null },
  refused: { exit_code: null, signal: null },
  interrupted: { exit_code: null, signal: null },
};

const CLEAR = "\x1b[H\x1b[2J\x1b[3J";

/** The beginning of a colour may have its end in what comes next. */
const half = /\x1b(?:\[[0-9;:]*)?$/;

/** What comes after what is there; where it does not go on from that, as at the end of a long output, the terminal begins anew. */
function following(before: string, output: string): { given: string; data: string } {
  const given = output.replace(half, "");
  const same = commonLength(before, given);
  // The end of an output has no empty lines.
  if (before.slice(same).trim() === "") return { given, data: harmless(given.slice(same)) };
  return { given, data: CLEAR + harmless(given) };
}

const harmless = (text: string): string => printable(text, { keepNewlines: true });

function commonLength(one: string, other: string): number {
  if (other.startsWith(one)) return one.length;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
