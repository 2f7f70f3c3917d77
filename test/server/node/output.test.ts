import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanEnvironment } from "../../../server/node/environment.ts";
import { keepOutput } from "../../../server/node/output.ts";

describe("kept output", () => {
  it("is the whole text as long as it fits, however its bytes are cut", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (text, size) => {
        const bytes = new TextEncoder().encode(text);
        const kept = keepOutput(200, 200);
        for (let at = 0; at < bytes.length; at += size) kept.add(bytes.subarray(at, at + size));
        fc.pre(bytes.length <= 400);
        assert.deepEqual(kept.end(), { head: text, tail: "", bytes: bytes.length, omitted: 0 });
      }),
    ));

  it("is the start and the end of what does not fit, without half letters", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "漢", "🎉"), { minLength: 60, maxLength: 400 }),
        fc.integer({ min: 1, max: 50 }),
        (letters, size) => {
          const text = letters.join("");
          const bytes = new TextEncoder().encode(text);
          const kept = keepOutput(20, 25);
          for (let at = 0; at < bytes.length; at += size) kept.add(bytes.subarray(at, at + size));
          const { head, tail, omitted } = kept.end();
          assert.ok(text.startsWith(head) && text.endsWith(tail));
          const length = (part: string) => new TextEncoder().encode(part).length;
          assert.equal(length(head) + omitted + length(tail), bytes.length);
          if (omitted > 0) assert.ok(length(head) > 16 && length(tail) > 21);
        },
      ),
    ));
});

describe("the environment of commands", () => {
  it("has what builds need", () => {
    const clean = cleanEnvironment({
      PATH: "/bin",
      LC_ALL: "C",
      GOPATH: "/go",
      JAVA_HOME: "/j",
      NVM_DIR: "/n",
      TERM: "xterm",
    });
    assert.equal(clean.PATH, "/bin");
    assert.equal(clean.LC_ALL, "C");
    assert.equal(clean.GOPATH, "/go");
    assert.equal(clean.TERM, "dumb");
    assert.equal(clean.GIT_EDITOR, "true");
  });

  it("has no secret, and no unknown name", () => {
    const secrets = {
      A_KEY: "x",
      B_SECRET: "x",
      C_TOKEN: "x",
      D_PASSWORD: "x",
      AWS_REGION: "x",
      SSH_AUTH_SOCK: "x",
      WHATEVER: "x",
    };
    const clean = cleanEnvironment({ ...secrets, HTTPS_PROXY: "http://me:pass@proxy:80", NO_PROXY: "a" });
    for (const name of [...Object.keys(secrets), "HTTPS_PROXY"]) assert.ok(!(name in clean), name);
    assert.equal(clean.NO_PROXY, "a");
  });

  it("has a name that a person listed", () =>
    assert.equal(cleanEnvironment({ MY_TOKEN: "x" }, ["MY_TOKEN"]).MY_TOKEN, "x"));
});
