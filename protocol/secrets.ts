/** Finds secrets by their shape. Only shapes that ordinary text and code do not have. Pure. */

export const SECRET_PLACEHOLDER = "[redacted key]";

/** The starts of keys that only letters, digits and underscores follow. */
const wordPrefixes =
  `gsk_ fw_ r8_ hf_ npm_ shpat_ shpss_ ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ dop_v1_ tgp_v1_ sk_live_ sk_test_
  rk_live_ rk_test_ pk_live_ pk_test_ dckr_pat_ lin_api_ rubygems_`.split(/\s+/);
/** Dashes may follow, too. */
const dashPrefixes = "sk- xai- pplx- nvapi- csk- glpat- figd_ pypi- xoxa- xoxb- xoxe- xoxp- xoxr- xoxs- xapp-".split(
  " ",
);
/** Other keys without a space in them. */
const tokenShapes = [
  "(?:AKIA|ASIA)[A-Z0-9]{12,}",
  String.raw`AIza[\w-]{20,}`,
  String.raw`ya29\.[\w-]{10,}`,
  String.raw`eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?`,
  "AGE-SECRET-KEY-[A-Z0-9]{10,}",
];
const tokenStarts = ["AKIA", "ASIA", "AIza", "ya29.", "eyJ", "AGE-SECRET-KEY-"];

const tokens = new RegExp(
  [
    String.raw`(?<![A-Za-z0-9])(?:(?:${wordPrefixes.join("|")})[A-Za-z0-9]{16}\w*`,
    String.raw`(?:${dashPrefixes.join("|")})(?=[\w-]{0,200}[A-Z\d])[\w-]{16,}`,
    `${tokenShapes.join("|")})`,
  ].join("|"),
  "g",
);
const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g;
const slackHook = /(hooks\.slack\.com\/services\/)[\w/]{8,}/g;
const passwordInUrl = /(:\/\/[^\s/:@"'`]{0,200}:)(?![${<*[])[^\s/@"'`]{1,200}(?=@)/gi;
const authorization = /(\b(?:bearer|basic)\s{1,3})(?=[\w+/=.~-]{0,200}\d)[\w+/=.~-]{16,}/gi;
const netrc = /(\blogin\s{1,9}\S{1,200}\s{1,9}password\s{1,9})(?!\[redacted)\S{4,200}/g;

const secretName =
  "(?:passw(?:or)?d|pwd|passphrase|secret|api[_-]?key|access[_-]?key|access[_-]?token|auth[_-]?token|account[_-]?key|shared[_-]?key|private[_-]?token)";
/** A literal with a letter and a digit: names, calls and placeholders of code have other characters. */
const literal = String.raw`(?=[^\s"'\x60,;&]{0,200}\d)(?=[^\s"'\x60,;&]{0,200}[A-Za-z])[^\s"'\x60,;&(){}[\]$<>.*]{6,200}(?=[\s"'\x60,;&\\]|$)`;
const assignment = new RegExp(String.raw`(${secretName}\w{0,20}\\?["']?\s{0,3}[=:]\s{0,3}\\?["']?)${literal}`, "gi");

/** Patterns that keep their first group, which is not secret. `hint` occurs in each text that the pattern matches. */
const withContext = [
  { hint: /hooks\.slack/, pattern: slackHook },
  { hint: /:\/\//, pattern: passwordInUrl },
  { hint: /bearer|basic/i, pattern: authorization },
  { hint: /\blogin\s/, pattern: netrc },
  { hint: /pass|pwd|secret|key|token/i, pattern: assignment },
];

/** Replaces every secret. Returns the same text if there is none. */
export function redactSecrets(text: string): string {
  let clean = text.replace(tokens, SECRET_PLACEHOLDER);
  if (clean.includes("-----BEGIN ")) clean = clean.replace(privateKey, SECRET_PLACEHOLDER);
  for (const { hint, pattern } of withContext)
    if (hint.test(clean)) clean = clean.replace(pattern, `$1${SECRET_PLACEHOLDER}`);
  return clean;
}

const TAIL = 512;
const LONGEST_PRIVATE_KEY = 16_384;

/** The start of a word, in any length, and what may follow the whole: `ab` and `c*` become `a(?:b(?:c*)?)?`. */
const growing = (word: string, rest: string): string =>
  [...word].reduceRight((more, letter) => `${letter === "." ? "\\." : letter}(?:${more})?`, rest);

const openToken = new RegExp(
  `(?<![A-Za-z0-9])(?:${[...wordPrefixes, ...dashPrefixes, ...tokenStarts].map((start) => growing(start, String.raw`[\w.-]*`)).join("|")})$`,
);
const nameStarts = "passw pwd passphrase secret api access auth account shared private".split(" ");
const openContexts = [
  /:(?:\/(?:\/[^\s/@]*)?)?$/,
  new RegExp(`${growing("hooks.slack.com/services/", String.raw`[\w/]*`)}$`),
  new RegExp(
    String.raw`\b(?:${growing("bearer", String.raw`\s{1,3}\S*`)}|${growing("basic", String.raw`\s{1,3}\S*`)})$`,
    "i",
  ),
  new RegExp(
    String.raw`\b${growing("login", String.raw`(?:\s{1,9}(?:\S{1,200}(?:\s{1,9}(?:\w{1,8}(?:\s{1,9}\S{0,200})?)?)?)?)?`)}$`,
  ),
  new RegExp(`(?:${nameStarts.map((start) => growing(start, "")).join("|")})$`, "i"),
  new RegExp(
    String.raw`(?:${nameStarts.join("|")})[\w-]{0,30}\\?["']?\s{0,3}(?:[=:]\s{0,3}\\?["']?[^\s"',;&]*)?$`,
    "i",
  ),
];
const privateKeyEnd = /-----END [A-Z ]{0,30}-----/;
const openPrivateKey = /-{1,5}$|-----B[A-Z -]{0,50}$|-----BEGIN [A-Z ]{0,30}PRIVATE KEY[\s\S]*$/;

/** How many characters at the end of a text may be the start of a secret, which more text completes. */
export function secretStartLength(text: string): number {
  const tail = text.slice(-TAIL);
  const starts = [openToken, ...openContexts].map((pattern) => tail.search(pattern));
  if (starts.every((start) => start < 0)) return openPrivateKeyLength(text.slice(-LONGEST_PRIVATE_KEY));
  const first = Math.min(...starts.map((start) => (start < 0 ? tail.length : start)));
  return Math.max(tail.length - extendToWhole(tail, first), openPrivateKeyLength(text.slice(-LONGEST_PRIVATE_KEY)));
}

/** Where a secret that is whole spans this position, its start: it must not be split. */
function extendToWhole(text: string, position: number): number {
  const whole = [tokens, ...withContext.map(({ pattern }) => pattern)].flatMap((pattern) => [
    ...text.matchAll(pattern),
  ]);
  const spanning = whole.filter(({ index, 0: found }) => index < position && index + found.length > position);
  return Math.min(position, ...spanning.map(({ index }) => index));
}

function openPrivateKeyLength(text: string): number {
  if (/-----END [A-Z ]{0,30}-----$/.test(text)) return 0;
  const begin = text.lastIndexOf("-----BEGIN");
  const isOpen = begin >= 0 && !privateKeyEnd.test(text.slice(begin));
  const from = isOpen ? begin : Math.max(0, text.length - 64);
  const start = text.slice(from).search(openPrivateKey);
  return start < 0 ? 0 : text.length - from - start;
}
