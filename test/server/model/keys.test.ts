/** Keys: where they are looked for, whom they belong to, and who can read what is stored. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Keychain, openKeys } from "../../../server/model/keys.ts";
import { memoryChain } from "../../help/models.ts";

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

  it("come from the first variable that is set, and then no keychain is asked", async () => {
    const { keys, opened } = open(memoryChain(), { ACME_KEY: " ", ACME_TOKEN: " from-the-environment\n" });
    assert.deepEqual(await keys.find(question), { key: "from-the-environment", from: "environment" });
    assert.equal(opened(), 0);
  });

  it("are kept in the keychain where there is one, and it is asked only for what was stored", async () => {
    const chain = memoryChain();
    const { keys, opened } = open(chain);
    assert.equal(await keys.find(question), null);
    assert.equal(opened(), 0);
    assert.deepEqual(await keys.store("acme", question.origin, "secret-of-acme"), { stored: "keychain" });
    assert.deepEqual(await keys.find(question), { key: "secret-of-acme", from: "keychain" });
    assert.doesNotMatch(readFileSync(join(dataDir, "keys.json"), "utf8"), /secret-of-acme/);
    assert.equal(await keys.forget("acme"), true);
    assert.equal(chain.kept.size, 0);
    assert.equal(await keys.find(question), null);
    assert.equal(await keys.forget("acme"), false);
  });

  it("go into a file that only its owner reads where no keychain answers", async () => {
    const broken: Keychain = {
      get: () => Promise.reject(new Error("locked")),
      set: () => Promise.reject(new Error("locked")),
      remove: () => Promise.reject(new Error("locked")),
    };
    for (const chain of [null, broken]) {
      const { keys } = open(chain);
      const stored = await keys.store("acme", question.origin, "secret-of-acme");
      assert.equal(stored.stored, "file");
      assert.equal(statSync(stored.path ?? "").mode & 0o777, 0o600);
      assert.deepEqual(await keys.find(question), { key: "secret-of-acme", from: "file" });
    }
  });

  it("stay with the origin that they were stored for", async () => {
    for (const chain of [null, memoryChain()]) {
      const { keys } = open(chain);
      await keys.store("acme", question.origin, "secret-of-acme");
      assert.equal(await keys.find({ ...question, origin: "https://elsewhere.example" }), null);
    }
  });

  it("are guarded again where their file was opened to others", async () => {
    const { keys } = open(null);
    const { path = "" } = await keys.store("acme", question.origin, "secret-of-acme");
    chmodSync(path, 0o644);
    await keys.find(question);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });
});
