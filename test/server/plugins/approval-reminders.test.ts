/** Reminders of unapproved plugins: once for each identity, which is read only for another fingerprint. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApprovalReminders } from "../../../server/plugins/approval-reminders.ts";

describe("reminders of unapproved plugins", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "tutti-reminders-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("are due once for each identity, and read it only for another fingerprint", async () => {
    const reminders = openApprovalReminders(dataDir);
    const reads: string[] = [];
    const record = (key: string, fingerprint: string, identity: string): Promise<boolean> =>
      reminders.record(key, fingerprint, () => {
        reads.push(`${key} ${identity}`);
        return identity;
      });
    assert.deepEqual(
      [await record("a", "1", "A"), await record("a", "1", "A"), await record("a", "1", "A")],
      [true, false, false],
    );
    // Written again with the same content, then with another one.
    assert.deepEqual(
      [await record("a", "2", "A"), await record("a", "3", "B"), await record("b", "3", "B")],
      [false, true, true],
    );
    assert.deepEqual(reads, ["a A", "a A", "a B", "b B"]);
  });

  it("are remembered by the next server, and by concurrent turns", async () => {
    assert.equal(await openApprovalReminders(dataDir).record("a", "1", () => "A"), true);
    const next = openApprovalReminders(dataDir);
    assert.equal(await next.record("a", "1", () => "A"), false);
    const due = await Promise.all(["b", "c", "b"].map((key) => next.record(key, "1", () => "A")));
    assert.deepEqual(due, [true, true, false]);
  });
});
