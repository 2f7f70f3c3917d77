/** Masks keys of every common shape in external text, and leaves ordinary words. The keys here are fake. */
import assert from "node:assert/strict";
import { maskKeys } from "../../../server/model/mask-keys.ts";

const run = "c4N4ryc4N4ryc4N4ryc4N4ryc4N4ry42";
const pem = (kind: string, breaks = "\n"): string =>
  [`-----BEGIN ${kind}-----`, run, run, `-----END ${kind}-----`].join(breaks);

/** A description, the text, and the part that must not remain. */
const shapes: [name: string, text: string, secret?: string][] = [
  ["OpenAI", `sk-proj-${run}`],
  ["OpenAI, of old", `sk-${run}`],
  ["Anthropic", `sk-ant-api03-${run}`],
  ["OpenRouter", `sk-or-v1-${run}`],
  ["Groq", `gsk_${run}`],
  ["xAI", `xai-${run}`],
  ["Hugging Face", `hf_${run}`],
  ["Replicate", `r8_${run}`],
  ["NVIDIA", `nvapi-${run}`],
  ["Perplexity", `pplx-${run}`],
  ["GitHub", `ghp_${run}`],
  ["GitHub, fine-grained", `github_pat_11AAAA_${run}`],
  ["GitLab", `glpat-${run}`],
  ["npm", `npm_${run}`],
  ["Stripe", `sk_live_${run}`],
  ["Google", `AIzaSy${run}`],
  ["Google, signed in", `ya29.a0${run}`],
  ["Slack", `xoxb-1234-5678-${run}`],
  ["a Slack hook", `https://hooks.slack.com/services/T00/B00/${run}`],
  ["AWS, its name", "AKIAC4N4RYC4N4RYC4N4"],
  ["AWS, its secret", `aws_secret_access_key = ${run}/+=`],
  ["Azure storage", `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${run}==;EndpointSuffix=x`],
  ["a shared signature", `https://a.example/b?sv=1&signature=${run}%3D`],
  ["a service account", JSON.stringify({ type: "service_account", private_key: pem("PRIVATE KEY") })],
  ["an RSA key", pem("RSA PRIVATE KEY")],
  ["an SSH key", pem("OPENSSH PRIVATE KEY")],
  ["a PGP key", pem("PGP PRIVATE KEY BLOCK")],
  ["a key that was cut off", pem("EC PRIVATE KEY").slice(0, 60)],
  ["age", `AGE-SECRET-KEY-1${run.toUpperCase()}`],
  ["a signed token", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx${run}.${run}`],
  ["a bearer header", `Authorization: Bearer ${run}`],
  ["a basic header", `authorization: Basic ${Buffer.from(`u:${run}`).toString("base64")}`, "dTpj"],
  ["a database", `postgres://user:${run}@db.example:5432/x`],
  ["a proxy without a name", `http://:${run}@proxy.example`],
  ["a variable", `GROQ_API_KEY=${run}`],
  ["a header", `x-api-key: ${run}`],
  ["a JSON field", `{"client_secret":"${run}"}`],
  ["a query", `https://a.example/v1?api_key=${run}&x=1`],
  ["a token in a query", `https://a.example/v1?token=${run}`],
  ["a password", "password=c4N4ry42"],
  [".netrc", "machine a.example login me password c4N4ry42"],
];

describe("keys in external text", () => {
  for (const [name, text, secret] of shapes)
    it(`are masked: ${name}`, () => {
      const clean = maskKeys(`Incorrect: ${text} was given.`, []);
      assert.match(clean, /\[key hidden\]/);
      assert.doesNotMatch(clean, /c4n4ry/i);
      if (secret !== undefined) assert.ok(!clean.includes(secret), clean);
      assert.match(clean, /^Incorrect: .* was given\.$|^Incorrect: [\s\S]*\[key hidden\]/);
    });

  it("are masked in each encoding of the key in use", () => {
    const key = "odd/key+of 7=";
    for (const form of [key, encodeURIComponent(key), Buffer.from(key).toString("base64")])
      assert.equal(maskKeys(`<${form}>`, [key]), "<[key hidden]>");
  });

  const innocent = [
    "The model gpt-4o-mini does not exist or you do not have access to it.",
    "max_tokens: 4096 is more than the 2048 that are left; prompt_tokens: 12345",
    "password authentication failed for user app",
    "Unexpected token: < in JSON at position 0",
    "Rate limit reached for requests per minute (RPM): Limit 3, Used 3. https://a.example/docs/rate-limits",
    "The tool bash was called with the key command missing.",
    "connect ECONNREFUSED 127.0.0.1:8080, see http://127.0.0.1:8080/v1/models",
  ];
  for (const text of innocent) it(`are not seen in: ${text}`, () => assert.equal(maskKeys(text, []), text));

  it("are found in linear time", function () {
    this.timeout(5_000);
    for (const piece of ["a", "a.", "password", "-----BEGIN ", "secret ", "http://", "eyJaaaaaaaa.", "token="]) {
      const long = piece.repeat(200_000 / piece.length);
      assert.equal(typeof maskKeys(long, []), "string");
    }
  });
});
