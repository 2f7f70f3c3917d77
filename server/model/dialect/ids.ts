/** Converts call ids to the form that a target accepts. The same id always maps to the same result, for a call and its result. Pure. */
import type { Compat } from "../target.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function hashToNine(id: string): string {
  const digest = process.getBuiltinModule("node:crypto").createHash("sha256").update(id).digest();
  return Array.from(digest.subarray(0, 9), (byte) => alphabet[byte % alphabet.length]).join("");
}

export function adaptCallId(id: string, format: Compat["toolIds"]): string {
  switch (format) {
    case "alnum9":
      return /^[A-Za-z0-9]{9}$/.test(id) ? id : hashToNine(id);
    case "word":
      return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : `call_${hashToNine(id)}`;
    default:
      return id;
  }
}
