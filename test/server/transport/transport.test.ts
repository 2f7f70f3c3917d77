import assert from "node:assert/strict";
import type { Message } from "vscode-jsonrpc";
import { createJsonRpcStreams } from "../../../server/transport/json-rpc-streams.ts";
import type { Transport } from "../../../server/transport/transport.ts";

/** A transport of which this test holds both ends: what was sent leaves when the test says so. */
function handWire() {
  let take: (bytes: Uint8Array) => void = () => undefined;
  const leaving: (() => void)[] = [];
  const state = { paused: false, backlog: 0, sent: 0 };
  const transport: Transport = {
    listen: ({ message }) => {
      take = message;
    },
    send: (_, flushed) => {
      state.sent++;
      leaving.push(() => flushed?.());
    },
    onFlushed: () => undefined,
    backlog: () => state.backlog,
    pause: () => {
      state.paused = true;
    },
    resume: () => {
      state.paused = false;
    },
    close: () => undefined,
    closed: new Promise(() => undefined),
  };
  const receive = (value: unknown): void => take(Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...(value as object) })));
  const flush = (most: number): void => {
    for (const leave of leaving.splice(0, most)) leave();
  };
  return { transport, state, receive, flush };
}

describe("a transport", () => {
  it("hands on 256 requests, and one more for each answer that has left", () => {
    const { transport, state, receive, flush } = handWire();
    const { reader, writer } = createJsonRpcStreams(transport);
    const taken: Message[] = [];
    reader.listen((message) => taken.push(message));
    for (let id = 0; id < 1000; id++) receive({ id, method: "m" });
    assert.deepEqual([taken.length, state.paused], [256, true]);
    for (let id = 0; id < 10; id++) void writer.write({ jsonrpc: "2.0", id, result: {} } as Message);
    assert.equal(taken.length, 256, "answers that have not left make no room");
    flush(10);
    assert.deepEqual([taken.length, state.paused], [266, true]);
    for (let id = 10; id < 1000; id++) {
      void writer.write({ jsonrpc: "2.0", id, result: {} } as Message);
      flush(1);
    }
    assert.deepEqual([taken.length, state.paused], [1000, false]);
  });

  it("reads nothing from somebody who does not read a mebibyte", () => {
    const { transport, state, receive, flush } = handWire();
    const { reader, writer } = createJsonRpcStreams(transport);
    const taken: Message[] = [];
    reader.listen((message) => taken.push(message));
    receive({ id: 1, method: "m" });
    state.backlog = 2 * 1024 * 1024;
    receive({ id: 2, method: "m" });
    assert.deepEqual([taken.length, state.paused], [1, true]);
    void writer.write({ jsonrpc: "2.0", id: 1, result: {} } as Message);
    state.backlog = 0;
    flush(1);
    assert.deepEqual([taken.length, state.paused], [2, false]);
  });

  it("hands on one cancellation of what is under way, and nothing else that is no request", () => {
    const { transport, receive, flush, state } = handWire();
    const taken: Message[] = [];
    createJsonRpcStreams(transport).reader.listen((message) => taken.push(message));
    receive({ id: 1, method: "m" });
    receive({ id: 1, method: "m" });
    assert.equal(state.sent, 1, "the second use of an id is answered with an error");
    flush(1);
    for (let count = 0; count < 100; count++) {
      receive({ method: "$/cancelRequest", params: { id: 1 } });
      receive({ method: "$/cancelRequest", params: { id: 2 } });
      receive({ method: "any/thing" });
      receive({ id: 7, result: {} });
    }
    assert.equal(taken.length, 2);
  });
});
