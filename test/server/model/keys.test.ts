/** Keys: lookup order, origin binding, and file modes. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Keychain, openKeys } from "../../../server/model/keys.ts";
import { createMemoryKeychain } from "../../help/models.ts";

describe("keys", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "tutti-keys-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const open = (keychain: Keychain | null, env: Record<string, string> = {}) => {
    let opened = 0;
    const keys = openKeys({
      env,
      dataDir,
      openKeychain: async () => {
        opened += 1;
        return keychain;
      },
    });
    return { keys, opened: () => opened };
  };
  const question = { provider: "acme", names: ["ACME_KEY", "ACME_TOKEN"], origin: "https://api.acme.example" };

  it("come from the first variable that is set, without reading the keychain", async () => {
    const { keys, opened } = open(createMemoryKeychain(), { ACME_KEY: " ", ACME_TOKEN: " from-the-environment\n" });
    assert.deepEqual(await keys.find(question), { key: "from-the-environment", source: "environment" });
    assert.equal(opened(), 0);
  });

  it("are stored in the keychain if there is one, which is read only for stored keys", async () => {
    const keychain = createMemoryKeychain();
    const { keys, opened } = open(keychain);
    assert.equal(await keys.find(question), null);
    assert.equal(opened(), 0);
    assert.deepEqual(await keys.store("acme", question.origin, "secret-of-acme"), { stored: "keychain" });
    assert.deepEqual(await keys.find(question), { key: "secret-of-acme", source: "keychain" });
    assert.doesNotMatch(readFileSync(join(dataDir, "keys.json"), "utf8"), /secret-of-acme/);
    assert.equal(await keys.forget("acme"), true);
    assert.equal(keychain.stored.size, 0);
    assert.equal(await keys.find(question), null);
    assert.equal(await keys.forget("acme"), false);
  });

  it("are stored in a file for its owner only without a keychain", async () => {
    const broken: Keychain = {
      get: () => Promise.reject(new Error("locked")),
      set: () => Promise.reject(new Error("locked")),
      remove: () => Promise.reject(new Error("locked")),
    };
    for (const keychain of [null, broken]) {
      const { keys } = open(keychain);
      const stored = await keys.store("acme", question.origin, "secret-of-acme");
      assert.equal(stored.stored, "file");
      assert.equal(statSync(stored.path ?? "").mode & 0o777, 0o600);
      assert.deepEqual(await keys.find(question), { key: "secret-of-acme", source: "file" });
    }
  });

  it("are used only for the origin they were stored for", async () => {
    for (const keychain of [null, createMemoryKeychain()]) {
      const { keys } = open(keychain);
      await keys.store("acme", question.origin, "secret-of-acme");
      assert.equal(await keys.find({ ...question, origin: "https://elsewhere.example" }), null);
    }
  });

  it("are protected again if their file was open to others", async () => {
    const { keys } = open(null);
    const { path = "" } = await keys.store("acme", question.origin, "secret-of-acme");
    chmodSync(path, 0o644);
    await keys.find(question);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });
});
