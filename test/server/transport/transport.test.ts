import assert from "node:assert/strict";
import type { Message } from "vscode-jsonrpc";
import { createJsonRpcStreams } from "../../../server/transport/json-rpc-streams.ts";
import type { Transport } from "../../../server/transport/transport.ts";

/** A transport whose other end is this test: sent messages are flushed on request. */
function createManualTransport() {
  let onMessage: (bytes: Uint8Array) => void = () => undefined;
  const unflushed: (() => void)[] = [];
  const state = { paused: false, backlog: 0, sent: 0 };
  const transport: Transport = {
    listen: ({ message }) => {
      onMessage = message;
    },
    send: (_, flushed) => {
      state.sent++;
      unflushed.push(() => flushed?.());
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
  const receive = (value: unknown): void =>
    onMessage(Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...(value as object) })));
  const flush = (max: number): void => {
    for (const flushNext of unflushed.splice(0, max)) flushNext();
  };
  return { transport, state, receive, flush };
}

describe("a transport", () => {
  it("passes on 256 requests, and one more per flushed response", () => {
    const { transport, state, receive, flush } = createManualTransport();
    const { reader, writer } = createJsonRpcStreams(transport);
    const received: Message[] = [];
    reader.listen((message) => received.push(message));
    for (let id = 0; id < 1000; id++) receive({ id, method: "m" });
    assert.deepEqual([received.length, state.paused], [256, true]);
    for (let id = 0; id < 10; id++) void writer.write({ jsonrpc: "2.0", id, result: {} } as Message);
    assert.equal(received.length, 256, "unflushed responses do not count");
    flush(10);
    assert.deepEqual([received.length, state.paused], [266, true]);
    for (let id = 10; id < 1000; id++) {
      void writer.write({ jsonrpc: "2.0", id, result: {} } as Message);
      flush(1);
    }
    assert.deepEqual([received.length, state.paused], [1000, false]);
  });

  it("stops reading from a client with an unread backlog of 1 MiB", () => {
    const { transport, state, receive, flush } = createManualTransport();
    const { reader, writer } = createJsonRpcStreams(transport);
    const received: Message[] = [];
    reader.listen((message) => received.push(message));
    receive({ id: 1, method: "m" });
    state.backlog = 2 * 1024 * 1024;
    receive({ id: 2, method: "m" });
    assert.deepEqual([received.length, state.paused], [1, true]);
    void writer.write({ jsonrpc: "2.0", id: 1, result: {} } as Message);
    state.backlog = 0;
    flush(1);
    assert.deepEqual([received.length, state.paused], [2, false]);
  });

  it("passes on one cancellation per running request, and no other notifications", () => {
    const { transport, receive, flush, state } = createManualTransport();
    const received: Message[] = [];
    createJsonRpcStreams(transport).reader.listen((message) => received.push(message));
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
    assert.equal(received.length, 2);
  });
});
