import assert from "node:assert/strict";
import fc from "fast-check";
import { buildCommandEnvironment, findSecretValues } from "../../../server/node/environment.ts";
import { createOutputBuffer } from "../../../server/node/output-buffer.ts";

describe("output buffer", () => {
  it("returns the full text if it fits, however its bytes are split", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (text, size) => {
        const bytes = new TextEncoder().encode(text);
        const buffer = createOutputBuffer(200, 200);
        for (let at = 0; at < bytes.length; at += size) buffer.add(bytes.subarray(at, at + size));
        fc.pre(bytes.length <= 400);
        assert.deepEqual(buffer.end(), { head: text, tail: "", bytes: bytes.length, omitted: 0 });
      }),
    ));

  it("returns the start and the end of longer text, without broken characters", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "漢", "🎉"), { minLength: 60, maxLength: 400 }),
        fc.integer({ min: 1, max: 50 }),
        (letters, size) => {
          const text = letters.join("");
          const bytes = new TextEncoder().encode(text);
          const buffer = createOutputBuffer(20, 25);
          for (let at = 0; at < bytes.length; at += size) buffer.add(bytes.subarray(at, at + size));
          const { head, tail, omitted } = buffer.end();
          assert.ok(text.startsWith(head) && text.endsWith(tail));
          const length = (part: string) => new TextEncoder().encode(part).length;
          assert.equal(length(head) + omitted + length(tail), bytes.length);
          if (omitted > 0) assert.ok(length(head) > 16 && length(tail) > 21);
        },
      ),
    ));
});

describe("the environment of commands", () => {
  it("contains what builds need", () => {
    const clean = buildCommandEnvironment({
      PATH: "/bin",
      LC_ALL: "C",
      GOPATH: "/go",
      JAVA_HOME: "/j",
      NVM_DIR: "/n",
      TERM: "xterm",
    });
    assert.match(clean.PATH ?? "", /\/shims:\/bin$/);
    assert.equal(clean.LC_ALL, "C");
    assert.equal(clean.GOPATH, "/go");
    assert.equal(clean.TERM, "dumb");
    assert.equal(clean.GIT_EDITOR, "true");
  });

  it("contains no secrets and no unknown names", () => {
    const secrets = {
      A_KEY: "x",
      B_SECRET: "x",
      C_TOKEN: "x",
      D_PASSWORD: "x",
      AWS_REGION: "x",
      SSH_AUTH_SOCK: "x",
      WHATEVER: "x",
    };
    const clean = buildCommandEnvironment({ ...secrets, HTTPS_PROXY: "http://me:pass@proxy:80", NO_PROXY: "a" });
    for (const name of [...Object.keys(secrets), "HTTPS_PROXY"]) assert.ok(!(name in clean), name);
    assert.equal(clean.NO_PROXY, "a");
  });

  it("has values that are keys by their name and shape, and are redacted", () => {
    const keys = {
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
      DB_PASSWORD: "hunter2",
      GITHUB_TOKEN: "0123456789abcdef",
      OPENAI_API_KEY: "sk-1a",
    };
    const others = {
      SSH_KEY_PATH: "/home/ada/.ssh/id_ed25519_2024",
      KEY_FILE: "~/keys/production2/server.pem",
      TOKEN_URL: "https://example.com/oauth2/token1",
      MAX_OUTPUT_TOKENS: "64000",
      AWS_REGION: "us-east-1",
      SECRET_SANTA: "nobody",
    };
    assert.deepEqual(findSecretValues({ ...keys, ...others, HOME: "/home/ada1" }).sort(), Object.values(keys).sort());
  });
});
