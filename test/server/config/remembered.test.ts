/** What a person chose to keep: by workspace, on the disk, several at once. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forget, loadRemembered, remember } from "../../../server/config/remembered.ts";

describe("remembered rules", () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "tutti-remembered-"));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  it("keeps each once, for its workspace, and forgets", async () => {
    assert.deepEqual(loadRemembered(data), {});
    await Promise.all([
      remember(data, "/a", "bash(make)"),
      remember(data, "/a", "bash(npm test)"),
      remember(data, "/b", "edit"),
      remember(data, "/a", "bash(make)"),
    ]);
    assert.deepEqual(loadRemembered(data), { "/a": ["bash(make)", "bash(npm test)"], "/b": ["edit"] });
    assert.equal(statSync(join(data, "permissions.json")).mode & 0o777, 0o600);
    await forget(data, "/a", "bash(make)");
    await forget(data, "/b");
    assert.deepEqual(loadRemembered(data), { "/a": ["bash(npm test)"] });
  });

  it("counts what it cannot read as nothing", () => {
    for (const content of ["{", "[]", "null", '{"/a": "bash", "/b": [1]}']) {
      writeFileSync(join(data, "permissions.json"), content);
      assert.deepEqual(Object.values(loadRemembered(data)).flat(), []);
    }
  });
});
