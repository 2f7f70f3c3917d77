import assert from "node:assert/strict";
import fc from "fast-check";
import { checksum } from "../../../server/node/clock.ts";
import { formatRecord, parseLog } from "../../../server/session/log-format.ts";
import { logs } from "../../help/logs.ts";
import { law, seed } from "../../help/seed.ts";

const written = (log: Parameters<typeof formatRecord>[0][]): string[] =>
  log.map((envelope) => formatRecord(envelope, checksum));
const [sample = []] = fc.sample(
  logs().filter((log) => log.length > 30),
  { seed, numRuns: 1 },
);

describe("the format of a log", () => {
  it("gives back what was written", () => {
    fc.assert(
      fc.property(logs(), (log) => {
        const past = parseLog(written(log).join(""), checksum);
        assert.deepEqual(past, { envelopes: log, damaged: [], lastSeq: log.length });
      }),
      law(100),
    );
  });

  it("drops the last record when it was cut, at whatever byte, and nothing else", () => {
    const lines = written(sample.slice(0, 8));
    const bytes = Buffer.from(lines.join(""));
    const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join("")));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const past = parseLog(bytes.toString("utf8", 0, cut), checksum);
      const whole = ends.filter((end) => end <= cut).length;
      assert.deepEqual(past, { envelopes: sample.slice(0, whole), damaged: [], lastSeq: whole }, `cut at ${cut}`);
    }
  });

  it("skips and names a record with any one byte changed, and keeps all later ones", () => {
    const lines = written(sample.slice(0, 6));
    const before = Buffer.byteLength(lines.slice(0, 2).join(""));
    const length = Buffer.byteLength(lines[2] ?? "") - 1;
    for (let at = before; at < before + length; at++) {
      for (const flip of [1, 32, 128]) {
        const bytes = Buffer.from(lines.join(""));
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const past = parseLog(bytes.toString("utf8"), checksum);
        assert.deepEqual(past.damaged, [3], `byte ${at}`);
        assert.deepEqual(
          past.envelopes.map(({ seq }) => seq),
          [1, 2, 4, 5, 6],
        );
        assert.equal(past.lastSeq, 6);
      }
    }
  });

  it("names two records whose line break was damaged, and gives no number twice after a damaged end", () => {
    const lines = written(sample.slice(0, 5));
    const joined = [lines[0], lines[1]?.trimEnd(), " ", lines[2], lines[3]].join("");
    assert.deepEqual(parseLog(joined, checksum).damaged, [2, 3]);
    const last = parseLog(`${lines.slice(0, 4).join("")}garbage\n`, checksum);
    assert.deepEqual([last.damaged, last.lastSeq], [[5], 5]);
  });
});
