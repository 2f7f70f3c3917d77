/** The invariants of every log and history, as checks that report violations. */
import assert from "node:assert/strict";
import type { Envelope } from "../../protocol/events.ts";

/** Every turn, part, call and question that starts ends exactly once. With `closed` false, the last ones may be open. */
export function checkEnds(envelopes: readonly Envelope[], closed = true): void {
  const open = new Map<string, number>();
  const over = new Map<string, number>();
  const start = (id: string, seq: number): void => {
    assert.ok(!over.has(id), `${id} starts again at ${seq} after its end at ${over.get(id)}`);
    if (!open.has(id)) open.set(id, seq);
  };
  const end = (id: string, seq: number, started: boolean): void => {
    assert.ok(!over.has(id), `${id} ends at ${seq} and at ${over.get(id)}`);
    assert.ok(!started || open.has(id), `${id} ends at ${seq} and never started`);
    open.delete(id);
    over.set(id, seq);
  };
  let last = 0;
  let turn: string | null = null;
  for (const { seq, event } of envelopes) {
    assert.ok(seq > last, `${seq} comes after ${last}`);
    last = seq;
    switch (event.type) {
      case "turn.started":
        assert.equal(turn, null, `${event.turn} starts at ${seq} while ${turn} runs`);
        turn = event.turn;
        start(`turn ${event.turn}`, seq);
        break;
      case "turn.ended":
        end(`turn ${event.turn}`, seq, true);
        turn = null;
        assert.deepEqual([...open], [], `open when ${event.turn} ended at ${seq}`);
        break;
      case "text.delta":
      case "reasoning.delta":
        start(`part ${event.part}`, seq);
        break;
      case "text.done":
      case "reasoning.done":
        end(`part ${event.part}`, seq, false);
        break;
      case "call.asked":
        assert.ok(!open.has(`call ${event.call}`), `${event.call} is asked twice`);
        start(`call ${event.call}`, seq);
        break;
      case "call.started":
      case "call.output":
        assert.ok(open.has(`call ${event.call}`), `${event.type} of ${event.call} at ${seq}, which is not open`);
        break;
      case "call.done":
        end(`call ${event.call}`, seq, true);
        break;
      case "question.asked":
        start(`question ${event.question}`, seq);
        break;
      case "question.answered":
      case "question.expired":
        end(`question ${event.question}`, seq, true);
        break;
      default:
        break;
    }
  }
  if (closed) assert.deepEqual([...open], [], "still open at the end");
}

interface ChatMessage {
  role: "user" | "assistant" | "tool";
  calls: string[];
  results: string[];
  empty: boolean;
}

/** The rules of strict providers: a user message first, one result right after each call, no result without a call, nothing empty. */
function checkMessages(messages: readonly ChatMessage[]): void {
  assert.equal(messages[0]?.role ?? "user", "user", "the history begins with a user");
  let waiting: string[] = [];
  const known = new Set<string>();
  for (const [index, { role, calls, results, empty }] of messages.entries()) {
    const at = `message ${index} (${role})`;
    assert.ok(!empty, `${at} is empty`);
    if (role !== "tool") assert.deepEqual(waiting, [], `${at} comes before these calls were answered`);
    for (const id of results) {
      assert.ok(waiting.includes(id), `${at} has a result of ${id}, which nobody waits for`);
      waiting = waiting.filter((other) => other !== id);
    }
    for (const id of calls) {
      assert.ok(!known.has(id), `${at} uses the id ${id} again`);
      known.add(id);
      waiting.push(id);
    }
    if (role === "assistant") assert.notEqual(messages[index - 1]?.role, "assistant", `${at} follows an assistant`);
  }
  assert.deepEqual(waiting, [], "calls without a result at the end");
}

type HistoryMessage =
  | { role: "user"; content: readonly unknown[] }
  | { role: "assistant"; content: readonly { type: string; id?: string }[] }
  | { role: "tool"; results: readonly { id: string }[] };

/** Checks the history of a session. */
export function checkHistory(messages: readonly HistoryMessage[]): void {
  checkMessages(
    messages.map((message): ChatMessage => {
      if (message.role === "tool") {
        const results = message.results.map(({ id }) => id);
        return { role: "tool", calls: [], results, empty: results.length === 0 };
      }
      const { role, content } = message;
      const calls = role === "assistant" ? content.flatMap(({ type, id = "" }) => (type === "call" ? [id] : [])) : [];
      return { role, calls, results: [], empty: content.length === 0 };
    }),
  );
}

interface SentMessage {
  role: string;
  content?: unknown;
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** Checks the body of a request. */
export function checkBody(body: Record<string, unknown>): void {
  const messages = body.messages as SentMessage[];
  assert.ok(Array.isArray(messages) && messages.length > 0);
  const conversation = messages.filter(({ role }, index) => !(role === "system" && index === 0));
  checkMessages(
    conversation.map(({ role, content, tool_calls = [], tool_call_id }): ChatMessage => {
      assert.ok(role === "user" || role === "assistant" || role === "tool", `a message has the role ${role}`);
      for (const call of tool_calls) {
        assert.equal(call.type, "function");
        assert.equal(typeof JSON.parse(call.function.arguments), "object");
      }
      assert.equal(tool_call_id !== undefined, role === "tool");
      return {
        role,
        calls: tool_calls.map(({ id }) => id),
        results: tool_call_id === undefined ? [] : [tool_call_id],
        empty: role === "assistant" && !content && tool_calls.length === 0,
      };
    }),
  );
  assert.notEqual(conversation.at(-1)?.role, "assistant", "the model is asked to speak after itself");
}
