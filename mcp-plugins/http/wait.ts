/** Reads from response headers when a rate limit ends. */

/** Describes when to retry, such as "in 40 s (at 12:00:40 UTC)"; null if the headers do not tell. */
export function describeWait(headers: Headers, now = Date.now()): string | null {
  const at = parseRetryAfter(headers.get("retry-after"), now) ?? parseReset(headers);
  if (at === null) return null;
  const seconds = Math.max(1, Math.ceil((at - now) / 1000));
  const length = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `in ${length} (at ${new Date(at).toISOString().slice(11, 19)} UTC)`;
}

/** Seconds, or a date. */
function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return now + Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date;
}

/** Headers with the end of a limit: in seconds or milliseconds since 1970, or as a date. */
const names = ["x-ratelimit-reset", "x-ratelimit-requests-reset"];

function parseReset(headers: Headers): number | null {
  const value = names.map((name) => headers.get(name)).find((found) => found !== null);
  if (value === undefined || value === null) return null;
  const number = Number(value);
  if (Number.isNaN(number)) return Date.parse(value) || null;
  return number > 1e11 ? number : number * 1000;
}
