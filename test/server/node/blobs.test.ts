import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "../../../server/node/blobs.ts";
import { redactor } from "../../help/redactor.ts";

describe("blobs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tutti-blobs-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const bytes = new TextEncoder().encode("hello");
  const hash = createHash("sha256").update(bytes).digest("hex");

  it("stores content once under its hash", async () => {
    const blobs = openBlobs(folder, redactor.text);
    assert.equal(await blobs.put(bytes), hash);
    assert.equal(await blobs.put(bytes), hash);
    assert.deepEqual(await readdir(folder), [hash]);
    assert.deepEqual(new Uint8Array((await blobs.get(hash)) ?? []), bytes);
    assert.equal(await readFile(blobs.path(hash), "utf8"), "hello");
  });

  it("stores content in pieces, and deletes discarded content", async () => {
    const blobs = openBlobs(folder, redactor.text);
    const writer = await blobs.open();
    await writer.write(bytes.subarray(0, 2));
    await writer.write(bytes.subarray(2));
    assert.equal(await writer.commit(), hash);
    const dropped = await blobs.open();
    await dropped.write(bytes);
    await dropped.discard();
    assert.deepEqual(await readdir(folder), [hash]);
  });

  it("returns nothing of content that the disk damaged, and stores it again", async () => {
    const blobs = openBlobs(folder, redactor.text);
    await blobs.put(bytes);
    for (const damaged of ["hell", "", "hellp", "hello "]) {
      await writeFile(blobs.path(hash), damaged);
      assert.equal(await blobs.get(hash), null, JSON.stringify(damaged));
      await blobs.put(bytes);
      assert.deepEqual(new Uint8Array((await blobs.get(hash)) ?? []), bytes);
    }
  });

  it("returns null for an unknown hash, and rejects an invalid one", async () => {
    assert.equal(await openBlobs(folder, redactor.text).get("0".repeat(64)), null);
    assert.throws(() => openBlobs(folder, redactor.text).path("../x"), /not a blob hash/);
  });
});
