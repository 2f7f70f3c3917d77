import assert from "node:assert/strict";
import fc from "fast-check";
import { checksum } from "../../../server/node/checksum.ts";
import { createLogParser, formatRecord, MAX_SEQ, parseLog } from "../../../server/session/log-format.ts";
import { arbitraryLogs } from "../../help/random-logs.ts";
import { seed, seededOptions } from "../../help/seed.ts";

const formatAll = (log: Parameters<typeof formatRecord>[0][]): string[] =>
  log.map((envelope) => formatRecord(envelope, checksum));
const [sample = []] = fc.sample(
  arbitraryLogs().filter((log) => log.length > 30),
  { seed, numRuns: 1 },
);

describe("the log format", () => {
  it("parses what it formats", () => {
    fc.assert(
      fc.property(arbitraryLogs(), (log) => {
        const past = parseLog(formatAll(log).join(""), checksum);
        assert.deepEqual(past, { envelopes: log, damaged: [], lastSeq: log.length });
      }),
      seededOptions(100),
    );
  });

  it("drops only the last record if it was truncated at any byte", () => {
    const lines = formatAll(sample.slice(0, 8));
    const bytes = Buffer.from(lines.join(""));
    const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join("")));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const past = parseLog(bytes.toString("utf8", 0, cut), checksum);
      const whole = ends.filter((end) => end <= cut).length;
      assert.deepEqual(past, { envelopes: sample.slice(0, whole), damaged: [], lastSeq: whole }, `cut at ${cut}`);
    }
  });

  it("skips and reports a record with any changed byte, and keeps all later ones", () => {
    const lines = formatAll(sample.slice(0, 6));
    const before = Buffer.byteLength(lines.slice(0, 2).join(""));
    const length = Buffer.byteLength(lines[2] ?? "") - 1;
    for (let at = before; at < before + length; at++) {
      for (const flip of [1, 32, 128]) {
        const bytes = Buffer.from(lines.join(""));
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const past = parseLog(bytes.toString("utf8"), checksum);
        assert.deepEqual(past.damaged, [{ first: 3, last: 3 }], `byte ${at}`);
        assert.deepEqual(
          past.envelopes.map(({ seq }) => seq),
          [1, 2, 4, 5, 6],
        );
        assert.equal(past.lastSeq, 6);
      }
    }
  });

  it("reports two records whose line break is damaged, and reuses no number after a damaged end", () => {
    const lines = formatAll(sample.slice(0, 5));
    const joined = [lines[0], lines[1]?.trimEnd(), " ", lines[2], lines[3]].join("");
    assert.deepEqual(parseLog(joined, checksum).damaged, [{ first: 2, last: 3 }]);
    const last = parseLog(`${lines.slice(0, 4).join("")}garbage\n`, checksum);
    assert.deepEqual([last.damaged, last.lastSeq], [[{ first: 5, last: 5 }], 5]);
  });

  it("takes a huge gap as one range, and a number beyond the limit as damage", () => {
    const [first, second] = sample;
    assert.ok(first && second);
    const far = { ...second, seq: MAX_SEQ };
    const gap = parseLog(formatAll([first, far]).join(""), checksum);
    assert.deepEqual(gap.damaged, [{ first: 2, last: MAX_SEQ - 1 }]);
    for (const seq of [MAX_SEQ + 1, 9_007_199_254_740_000, 1e300, 2.5]) {
      const { envelopes, damaged } = parseLog(formatAll([first, { ...second, seq }, second]).join(""), checksum);
      assert.deepEqual([envelopes, damaged], [[first, second], []], `${seq}`);
    }
  });

  it("is the same whole as piece by piece", () => {
    const lines = formatAll(sample);
    lines[3] = `${lines[3]?.slice(0, 10)}#${lines[3]?.slice(11)}`;
    for (let cut = 0; cut <= lines.length; cut++) {
      const parser = createLogParser(checksum);
      parser.add(lines.slice(0, cut).join(""));
      parser.add(lines.slice(cut).join(""));
      assert.deepEqual(parser.parsed(), parseLog(lines.join(""), checksum), `cut at ${cut}`);
    }
  });
});
