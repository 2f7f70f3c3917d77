/** Rules saved by "always allow": by workspace, on disk, several at once. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSavedRules } from "../../../server/config/saved-rules.ts";

describe("saved rules", () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "tutti-saved-rules-"));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  it("saves each rule once for its workspace, and removes it", async () => {
    const rules = openSavedRules(data);
    assert.deepEqual(rules.list(), {});
    await Promise.all([
      rules.add("/a", "bash(make)"),
      rules.add("/a", "bash(npm test)"),
      rules.add("/b", "edit"),
      rules.add("/a", "bash(make)"),
    ]);
    assert.deepEqual(rules.list(), { "/a": ["bash(make)", "bash(npm test)"], "/b": ["edit"] });
    assert.equal(statSync(join(data, "permissions.json")).mode & 0o777, 0o600);
    await rules.remove("/a", "bash(make)");
    await rules.remove("/b");
    assert.deepEqual(rules.list(), { "/a": ["bash(npm test)"] });
  });

  it("treats content that it cannot parse as no rules", () => {
    for (const content of ["{", "[]", "null", '{"/a": "bash", "/b": [1]}']) {
      writeFileSync(join(data, "permissions.json"), content);
      assert.deepEqual(Object.values(openSavedRules(data).list()).flat(), []);
    }
  });
});
