/** Lines of the server's log with arbitrary text. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatLogLine } from "../../../server/diagnostics/format-log-line.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

describe(`formatLogLine (seed ${seed})`, () => {
  const redact = (text: string): string => text.replaceAll("known-key", "[redacted key]");

  it("removes known keys and text that looks like a key", () =>
    assert.equal(
      formatLogLine("a request failed: known-key, Bearer abcdefgh12345678", redact),
      "a request failed: [redacted key], [key hidden]",
    ));

  it("cannot fake another line or control a terminal", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.constantFrom("\r\n", "\n", "\r", "\u2028", "\x1b[2J", "\x9b1A"),
        (text, cut) => {
          const line = formatLogLine(`failed: ${text}${cut}listening at /tmp/evil`, redact);
          assert.doesNotMatch(line, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/);
          assert.ok(
            line
              .split("\n")
              .slice(1)
              .every((next) => next.startsWith("  ")),
            line,
          );
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});
