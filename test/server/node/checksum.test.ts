import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { asciiChecksum, checksum } from "../../../server/node/checksum.ts";

describe("The checksum of a record", () => {
  it("is the CRC-32 of its UTF-8 bytes, for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => checksum(text) === crc32(text)));
    assert.equal(checksum("ü".repeat(100_000)), crc32("ü".repeat(100_000)));
  });

  it("is the same without zlib, which is not loaded for the first records", () => {
    fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => asciiChecksum(text) === crc32(text)));
    assert.equal(asciiChecksum("é"), null);
  });
});
