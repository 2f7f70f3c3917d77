import assert from "node:assert/strict";
import { isSecretPath } from "../../../server/workspace/secret-files.ts";

const secret = [
  ".env",
  "/w/.env",
  "a/.env.local",
  ".ENV",
  "prod.env",
  "C:\\w\\.env",
  "server.pem",
  "id_rsa",
  "id_ed25519",
  "/home/u/.ssh/id_ecdsa",
  ".npmrc",
  ".netrc",
  "vault.kdbx",
  "credentials",
  "~/.aws/credentials",
  "credentials.json",
  ".git-credentials",
  "tls.key",
];
const open = [
  ".env.example",
  "a/.env.sample",
  "environment.ts",
  "src/credentials.ts",
  "credentials.test.py",
  "id_rsa.pub",
  "keys.ts",
  "README.md",
  "identity.ts",
  "pem.go",
  "a.env/b.ts",
];

describe("secret file names", () => {
  for (const path of secret) it(`${path} is secret`, () => assert.equal(isSecretPath(path), true));
  for (const path of open) it(`${path} is not`, () => assert.equal(isSecretPath(path), false));
});
