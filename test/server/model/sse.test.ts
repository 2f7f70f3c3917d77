import assert from "node:assert/strict";
import fc from "fast-check";
import { openEventReader } from "../../../server/model/sse.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function readCut(bytes: Uint8Array, cuts: number[]): string[] {
  const reader = openEventReader(8 * 1024 * 1024);
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  const out = at.slice(1).flatMap((to, index) => reader.push(bytes.subarray(at[index], to)));
  return [...out, ...reader.end()];
}

const cases: [string, string, string[]][] = [
  ["line feeds", "data: a\n\ndata: b\n\n", ["a", "b"]],
  ["carriage returns and line feeds", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
  ["carriage returns alone", "data: a\r\rdata: b\r\r", ["a", "b"]],
  ["a mix of all", "data: a\r\n\ndata: b\r\r\ndata: c\n\r\n", ["a", "b", "c"]],
  ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
  ["no space after the colon", "data:a\n\n", ["a"]],
  ["only the first space is dropped", "data:  a\n\n", [" a"]],
  ["data over several lines", "data: a\ndata: b\n\n", ["a\nb"]],
  ["comments and other fields", ": ping\nevent: x\nid: 1\nretry: 3\ndata: a\n\n: more\n\n", ["a"]],
  ["no blank line at the end", "data: a\n\ndata: b", ["a", "b"]],
  ["a field that only begins like data", "database: x\ndata: a\n\n", ["a"]],
  ["a data field without a colon", "data\n\n", [""]],
];

describe("server-sent events", () => {
  for (const [name, wire, expected] of cases) {
    it(`reads ${name}, split at every position`, () => {
      const bytes = utf8(wire);
      for (let cut = 0; cut <= bytes.length; cut += 1)
        assert.deepEqual(readCut(bytes, [cut]), expected, `cut at ${cut}`);
    });
  }

  it("reads the same data for any chunking and any line ends", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, "·"));
    const ending = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, ending, ending), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (events, cuts) => {
          const expected = events.filter(([, first, second]) => !(first === "\r" && second === "\n"));
          const wire = expected.map(([text, first, second]) => `data: ${text}${first}${second}`).join("");
          assert.deepEqual(
            readCut(utf8(wire), cuts),
            expected.map(([text]) => text),
          );
        },
      ),
    );
  });

  it("rejects a line that is longer than the limit, also without a line end", () => {
    const reader = openEventReader(1_000);
    assert.deepEqual(reader.push(utf8(`data: ${"x".repeat(900)}`)), []);
    assert.throws(() => reader.push(utf8("x".repeat(200))), RangeError);
  });
});
