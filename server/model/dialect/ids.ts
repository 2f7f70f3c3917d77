/** Ids of calls, in the form that a target accepts; the same id always becomes the same one, for the call and for its result. Pure. */
import type { Compat } from "../target.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function nine(id: string): string {
  const digest = process.getBuiltinModule("node:crypto").createHash("sha256").update(id).digest();
  return Array.from(digest.subarray(0, 9), (byte) => alphabet[byte % alphabet.length]).join("");
}

export function idFor(id: string, format: Compat["toolIds"]): string {
  switch (format) {
    case "alnum9":
      return /^[A-Za-z0-9]{9}$/.test(id) ? id : nine(id);
    case "word":
      return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : `call_${nine(id)}`;
    default:
      return id;
  }
}
