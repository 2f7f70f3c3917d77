import assert from "node:assert/strict";
import { findDeepLink, parseDeepLink } from "../../desktop/deep-link.ts";

describe("deep links", () => {
  const secret = "A".repeat(64);
  const link = `https://hub.example.com/s/${"a".repeat(21)}A#${secret}`;

  const valid: [address: string, expected: ReturnType<typeof parseDeepLink>][] = [
    ["tutti://prompt?text=Fix%20it", { kind: "prompt", text: "Fix it" }],
    ["tutti://prompt/?text=a%0Ab&send=1", { kind: "prompt", text: "a\nb" }],
    // What cannot be seen is written out, so that the user reads what would be sent.
    ["tutti://prompt?text=safe%E2%80%AEevil", { kind: "prompt", text: "safe\\u{202e}evil" }],
    ["tutti://session/s_12-b", { kind: "session", session: "s_12-b" }],
    [`tutti://join?link=${encodeURIComponent(link)}`, { kind: "join", link, hub: "https://hub.example.com" }],
  ];
  for (const [address, expected] of valid)
    it(`opens ${address.slice(0, 40)}`, () => assert.deepEqual(parseDeepLink(address), expected));

  const invalid = [
    "https://prompt?text=Fix",
    "tutti://prompt",
    `tutti://prompt?text=${"a".repeat(4_001)}`,
    "tutti://run?command=rm",
    "tutti://session/a/b",
    "tutti://session/",
    "tutti://join?link=javascript:alert(1)",
    `tutti://join?link=${encodeURIComponent(link.slice(0, -3))}`,
    "tutti:",
    "no address",
  ];
  for (const address of invalid)
    it(`does not open ${address.slice(0, 40)}`, () => assert.equal(parseDeepLink(address), null));

  it("is found among the arguments of the program", () => {
    assert.equal(findDeepLink(["/opt/tutti", "--flag", "tutti://session/a"]), "tutti://session/a");
    assert.equal(findDeepLink(["/opt/tutti"]), null);
  });
});
