/** What is a secret by its shape: removed whole, in any pieces; ordinary text and code stay as they are. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { redactSecrets, secretStartLength } from "../../protocol/secrets.ts";
import { seed, seededOptions } from "../help/seed.ts";

const X = "CANARYabcdef0123456789ABCDEFghijkl";
const pem = `-----BEGIN RSA PRIVATE KEY-----\nMIIE${X}\n${X}==\n-----END RSA PRIVATE KEY-----`;
/** A text, and what of it must go. */
const secrets: [text: string, secret: string][] = [
  ...`sk-${X} sk-ant-api03-${X} sk-proj-${X} ghp_${X} gho_${X} github_pat_11${X}_${X} glpat-${X} npm_${X} hf_${X} gsk_${X} xai-${X}
  r8_${X} AKIACANARY0123456789 AIza${X} ya29.${X} xoxb-123456789012-${X} eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${X} AGE-SECRET-KEY-1CANARY0123456789
  sk_live_${X} rk_test_${X} pypi-${X} dckr_pat_${X}`
    .split(/\s+/)
    .map((token): [string, string] => [`the key ${token} is here`, token]),
  [`-- ${pem} --`, pem],
  [`{"private_key":"${pem.replaceAll("\n", "\\n")}"}`, X],
  ["postgres://app:hunter2@db.example.com/x", "hunter2"],
  ["git clone https://ada:p%40ss!word@example.com/r.git", "p%40ss!word"],
  [`Authorization: Bearer ${X}`, X],
  ["authorization: basic dXNlcjpDQU5BUllhYmNkZWYwMTIzNDU2", "dXNlcjpDQU5BUllhYmNkZWYwMTIzNDU2"],
  ["DB_PASSWORD=hunter2x", "hunter2x"],
  ['"client_secret": "a1b2c3d4e5f6"', "a1b2c3d4e5f6"],
  ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1"],
  ["AccountKey=abc123+/def456==;EndpointSuffix", "abc123+/def456=="],
  ["machine example.com login ada password s3cretpw", "s3cretpw"],
  [`https://hooks.slack.com/services/T00/B00/${X}`, X],
];

const ordinary = [
  "const apiKey = process.env.OPENAI_API_KEY ?? options.apiKey;",
  "password: z.string().min(8), secret: getSecret(id1)",
  "const password = await readPassword(); token = tokens[1];",
  "see https://example.com:8080/a@b and http://localhost:3000/users/1",
  `postgres://user:${"$"}{PASSWORD}@host, mysql://user:<password>@host`,
  "sk-learn and the task-force, npm_config_cache, hf_transfer, eyJ, AKIA, basic understanding of bearer tokens",
  "a password must have 12 characters; secret: none; api_key: $KEY; --password=...",
  "the max_tokens are 4096, input_tokens: 12345678, key: value1",
  "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
  "commit 3f786850e387550fdab836ed7e6dc881de23001b, uuid 123e4567-e89b-12d3-a456-426614174000",
];

/** As a stream does: what may be the start of a secret waits. */
function redactInPieces(text: string, cuts: readonly number[]): string {
  let pending = "";
  let shown = "";
  const bounds = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  for (const [index, end] of bounds.entries()) {
    pending += text.slice(bounds[index - 1] ?? 0, end);
    const ready = pending.slice(0, pending.length - secretStartLength(pending));
    pending = pending.slice(ready.length);
    shown += redactSecrets(ready);
  }
  return shown + redactSecrets(pending);
}

describe("secrets", () => {
  it("are removed by their shape", () => {
    for (const [text, secret] of secrets) {
      assert.ok(text.includes(secret), text);
      assert.ok(!redactSecrets(text).includes(secret), redactSecrets(text));
      assert.match(redactSecrets(text), /\[redacted key\]/);
      assert.equal(redactSecrets(redactSecrets(text)), redactSecrets(text));
    }
  });

  it("are not found in ordinary text, nor in the code of this project", () => {
    for (const text of ordinary) assert.equal(redactSecrets(text), text);
    const folder = join(import.meta.dirname, "../../server");
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.ts$/.test(name),
    )) {
      const code = readFileSync(join(folder, name), "utf8");
      assert.equal(redactSecrets(code), code, name);
    }
  });

  it("are removed in any pieces, with the same result as at once", () => {
    process.stdout.write(`    SEED=${seed}\n`);
    const texts = [...secrets.map(([text]) => text), ...ordinary];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(400), { maxLength: 12 }), (text, cuts) => {
        assert.equal(redactInPieces(text, cuts), redactSecrets(text));
      }),
      seededOptions(400),
    );
  });

  // A search that is not linear takes minutes, so that the test times out.
  it("are searched for in long texts that repeat the start of one", () => {
    const parts = [
      ...secrets.map(([text]) => text.slice(0, 8)),
      "api_key=",
      "sk-",
      "login ",
      "-----BEGIN ",
      "://",
      'password="',
    ];
    for (const part of parts) {
      const text = part.repeat(300_000 / part.length);
      const redacted = redactSecrets(text);
      assert.equal(redactSecrets(redacted), redacted, part);
      secretStartLength(text);
    }
  });

  it("let ordinary text go on at once", () => {
    for (const text of ["Hello, world", "The function returns 5.", "a key", "see https://example.com/ now", "1 + 2"])
      assert.equal(secretStartLength(text), 0, text);
  });
});
