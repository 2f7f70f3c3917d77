/**
 * Random names and hashes. `node:crypto` takes some milliseconds to load, a tenth of a start, so it is loaded with the first hash, and
 * random bytes come from the system's source if there is one.
 */
import { closeSync, openSync, readSync } from "node:fs";
import type { Hash } from "../ports.ts";

const crypto = () => process.getBuiltinModule("node:crypto");

export const sha256: Hash = (content) => newHash().update(content).digest("hex");

export const newHash = () => crypto().createHash("sha256");

/** Random bytes in hex. */
export function randomHex(bytes: number): string {
  if (process.platform === "win32") return crypto().randomBytes(bytes).toString("hex");
  const file = openSync("/dev/urandom", "r");
  try {
    const filled = new Uint8Array(bytes);
    const count = readSync(file, filled);
    if (count !== bytes) throw new Error(`/dev/urandom returned ${count} of ${bytes} bytes.`);
    return Buffer.from(filled).toString("hex");
  } finally {
    closeSync(file);
  }
}
