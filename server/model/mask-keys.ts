/** Masks keys in external text: the keys in use, and everything that looks like a key. Pure. */

const keyPatterns: RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|$)/g,
  /\b(sk|pk|rk|gsk|xai|pplx|nvapi|fw|csk|key|tgp|r8|hf|npm|glpat|dop|shpat|figd|ghp|gho|ghu|ghs|github_pat)[-_][A-Za-z0-9*_.-]{8,}/g,
  /\b(AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\bAIza[A-Za-z0-9_-]{20,}/g,
  /\bya29\.[A-Za-z0-9_-]{10,}/g,
  /\bxox[a-z]-[A-Za-z0-9-]{8,}/g,
  /\bhooks\.slack\.com\/services\/[A-Za-z0-9/]+/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)?/g,
  /\bAGE-SECRET-KEY-[A-Z0-9]{10,}/g,
  /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:[^\s/@]{1,200}@/gi,
  /\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi,
  // Names that may be part of a longer one, as in OPENAI_API_KEY, aws_secret_access_key and AccountKey.
  /(password|passwd|secret|api[_-]?key|access[_-]?(key|token)|account[_-]?key|shared[_-]?key)\w{0,20}["']?\s{0,9}[=:]\s{0,9}["']?[^\s"',;&]{4,}/gi,
  /(token|signature|[_-]key)["']?\s{0,9}[=:]\s{0,9}["']?[^\s"',;&]{16,}/gi,
  /\b(password|passwd)\s{1,9}(?=\S{0,99}\d)[^\s"',;]{8,}/gi,
];

export const keyPlaceholder = "[key hidden]";

export function maskKeys(text: string, keys: readonly string[]): string {
  let clean = text;
  for (const key of keys) {
    if (key.length < 4) continue;
    for (const form of [key, encodeURIComponent(key), Buffer.from(key).toString("base64")])
      clean = clean.replaceAll(form, keyPlaceholder);
  }
  for (const shape of keyPatterns) clean = clean.replace(shape, keyPlaceholder);
  return clean;
}
