import assert from "node:assert/strict";
import fc from "fast-check";
import { frame, readFrames } from "../../../server/transport/framing.ts";
import { checkMessage, type RpcFault } from "../../../server/transport/message-check.ts";
import { seededOptions } from "../../help/seed.ts";

function readAll(pieces: Iterable<Uint8Array>): { bodies: string[]; faults: RpcFault[] } {
  const bodies: string[] = [];
  const faults: RpcFault[] = [];
  const frames = readFrames(
    (bytes) => bodies.push(Buffer.from(bytes).toString("utf8")),
    (fault) => faults.push(fault),
  );
  for (const piece of pieces) frames.take(piece);
  return { bodies, faults };
}

const toBytes = (text: string): Buffer => Buffer.from(text);
const splitBytes = (text: string): Uint8Array[] => [...toBytes(text)].map((byte) => Uint8Array.of(byte));
const getErrorCode = (body: string | Uint8Array): number | null => {
  const checked = checkMessage(typeof body === "string" ? toBytes(body) : body);
  return checked.ok ? null : checked.fault.code;
};

describe("frames", () => {
  it("are the same wherever the stream is split in two", () => {
    const texts = ['{"a":"é€𝄞"}', "", "x".repeat(300), "{}"];
    const whole = toBytes(texts.map(frame).join(""));
    for (let at = 0; at <= whole.length; at++) {
      assert.deepEqual(readAll([whole.subarray(0, at), whole.subarray(at)]), { bodies: texts, faults: [] });
    }
    assert.deepEqual(readAll(splitBytes(whole.toString())).bodies, texts);
  });

  it("are the same for any texts and splits", () => {
    const cuts = fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat(400)), (texts, positions) => {
      const whole = toBytes(texts.map(frame).join(""));
      const at = [0, ...positions.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
      const pieces = at.slice(1).map((end, index) => whole.subarray(at[index], end));
      assert.deepEqual(readAll(pieces), { bodies: texts, faults: [] });
    });
    fc.assert(cuts, seededOptions(2000));
  });

  const lengths = ["99999999999", "33554433", "1e9", "-1", "+5", "0x10", "5, 6", "05", "", " ", "５", "9".repeat(400)];
  for (const length of lengths) {
    it(`are rejected with the length ${JSON.stringify(length.slice(0, 20))}`, () => {
      const { bodies, faults } = readAll(splitBytes(`Content-Length: ${length}\r\n\r\n{}{}{}`));
      assert.equal(bodies.length, 0);
      assert.equal(faults.length, 1);
    });
  }

  const headers: [string, string, boolean][] = [
    ["two lengths that differ", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", false],
    ["the same length twice", "Content-Length: 2\r\ncontent-length:2\r\n\r\n{}", true],
    ["unknown names", "X-Any: thing\r\nContent-Length: 2\r\n\r\n{}", true],
    ["utf-8 by name", "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}", true],
    ["another charset", "Content-Type: text/plain; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}", false],
    ["no length", "X-Any: thing\r\n\r\n{}", false],
    ["nothing", "\r\n{}", false],
    ["LF alone", "Content-Length: 2\n\n{}", false],
    ["CR alone", "Content-Length: 2\rX: y\r\n\r\n{}", false],
    ["a folded line", "Content-Length: 2\r\n folded\r\n\r\n{}", false],
    ["a space before the colon", "Content-Length : 2\r\n\r\n{}", false],
    ["32 lines", `${"X: y\r\n".repeat(31)}Content-Length: 2\r\n\r\n{}`, true],
    ["33 lines", `${"X: y\r\n".repeat(32)}Content-Length: 2\r\n\r\n{}`, false],
    ["8 KiB", `X: ${"y".repeat(8192 - 3 - 2 - 17 - 4)}\r\nContent-Length: 2\r\n\r\n{}`, true],
    ["more than 8 KiB", `X: ${"y".repeat(8192)}\r\nContent-Length: 2\r\n\r\n{}`, false],
    ["a header without end", "y".repeat(100_000), false],
  ];
  for (const [name, text, isValid] of headers) {
    it(`are ${isValid ? "read" : "rejected"} with ${name}`, () => {
      const whole = readAll([toBytes(text)]);
      assert.deepEqual(whole, readAll(splitBytes(text)));
      assert.deepEqual(whole.bodies, isValid ? ["{}"] : []);
      assert.equal(whole.faults.length, isValid ? 0 : 1);
    });
  }

  it("end normally or with one error, for any bytes", () => {
    const good = toBytes(frame('{"jsonrpc":"2.0","id":1,"method":"server/status","params":{}}').repeat(3));
    const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const { at, byte } of changes) bytes[at] = byte;
        const { bodies, faults } = readAll([bytes]);
        assert.ok(faults.length <= 1 && bodies.length <= 3);
        for (const body of bodies) checkMessage(toBytes(body));
      }),
      seededOptions(5000),
    );
  });
});

describe("messages", () => {
  const request = { jsonrpc: "2.0", id: 1, method: "m" };
  const nested = (depth: number): string =>
    `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${"[".repeat(depth - 2)}${"]".repeat(depth - 2)}}}`;
  const cases: [string, string | Uint8Array, number | null][] = [
    ["a request", JSON.stringify(request), null],
    [
      "bytes that are no UTF-8",
      Buffer.concat([toBytes('{"jsonrpc":"2.0","id":1,"method":"'), Uint8Array.of(0xc3, 0x28), toBytes('"}')]),
      -32700,
    ],
    [
      "a surrogate as UTF-8",
      Buffer.concat([toBytes('{"a":"'), Uint8Array.of(0xed, 0xa0, 0x80), toBytes('"}')]),
      -32700,
    ],
    ["half a surrogate pair", '{"jsonrpc":"2.0","id":1,"method":"\\ud800"}', -32700],
    ["half a pair in a name", '{"jsonrpc":"2.0","id":1,"method":"m","params":{"\\udc00":1}}', -32700],
    ["a whole pair", '{"jsonrpc":"2.0","id":1,"method":"\\ud834\\udd1e"}', null],
    ["a byte order mark", `\ufeff${JSON.stringify(request)}`, -32700],
    ["a NUL", `${JSON.stringify(request)}\0`, -32700],
    ["an empty body", "", -32700],
    ["128 levels", nested(128), null],
    ["129 levels", nested(129), -32600],
    ["200,000 brackets", "[".repeat(200_000), -32600],
    ["brackets in a text", JSON.stringify({ ...request, params: { a: '["[{\\'.repeat(500) } }), null],
    ["a million values", `{"jsonrpc":"2.0","id":1,"method":"m","params":[${"1,".repeat(1_000_000)}1]}`, -32600],
    ["a batch", `[${JSON.stringify(request)}]`, -32600],
    ["another version", '{"jsonrpc":"1.0","id":1,"method":"m"}', -32600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"m"}', -32600],
    ["a method that is a number", '{"jsonrpc":"2.0","id":1,"method":7}', -32600],
    ["parameters that are a string", '{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}', -32600],
  ];
  for (const [name, body, code] of cases) {
    it(`${code === null ? "are accepted" : `are answered with ${code}`}: ${name}`, () =>
      assert.equal(getErrorCode(body), code));
  }
});
