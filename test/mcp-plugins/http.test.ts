/** The shared HTTP client of the plugins: limits of time and size, and rate limits. */
import assert from "node:assert/strict";
import { openClient } from "../../mcp-plugins/http/client.ts";
import { sliceText } from "../../mcp-plugins/http/text.ts";
import { describeWait } from "../../mcp-plugins/http/wait.ts";
import { type VendorServer, vendorServer } from "./fake-vendor.ts";

describe("the HTTP client of the plugins", () => {
  let vendor: VendorServer;
  before(async () => {
    vendor = await vendorServer({ routes: {}, door: () => null, missing: { body: {} } });
  });
  after(() => vendor.close());
  const send = (timeoutMs = 10_000) =>
    openClient({
      name: "It",
      base: vendor.url,
      secrets: ["abc"],
      headers: () => ({}),
      explain: () => null,
      timeoutMs,
    }).send({
      path: "/",
      signal: new AbortController().signal,
    });

  it("times out, and closes the connection", async () => {
    vendor.next.push("silent");
    const sent = send(200);
    const { gone } = await vendor.waiting();
    await assert.rejects(sent, /^Error: It did not respond within 0\.2 s\. Try again later\.$/);
    await gone;
  });

  it("limits responses to 20 MB", async () => {
    vendor.next.push({ body: "x".repeat(21 * 1024 * 1024) });
    await assert.rejects(send(), /It sent more than 20 MB\. Request less\./);
  });

  it("follows at most three redirects", async () => {
    const before = vendor.received.length;
    vendor.next.push(...Array.from({ length: 5 }, () => ({ status: 302, headers: { location: "/again" }, body: "" })));
    await assert.rejects(send(), /It redirects to .*\/again/);
    vendor.next.length = 0;
    assert.equal(vendor.received.length, before + 4);
  });

  it("reads from headers when to retry", () => {
    const now = Date.UTC(2026, 0, 1, 12, 0, 0);
    const wait = (headers: Record<string, string>) => describeWait(new Headers(headers), now);
    assert.equal(wait({ "retry-after": "30" }), "in 30 s (at 12:00:30 UTC)");
    assert.equal(wait({ "retry-after": "Thu, 01 Jan 2026 12:10:00 GMT" }), "in 10 min (at 12:10:00 UTC)");
    assert.equal(wait({ "x-ratelimit-reset": String(now / 1000 + 90) }), "in 90 s (at 12:01:30 UTC)");
    assert.equal(wait({ "x-ratelimit-requests-reset": String(now + 60_000) }), "in 60 s (at 12:01:00 UTC)");
    assert.equal(wait({ "x-ratelimit-reset": "2026-01-01T12:05:00Z" }), "in 5 min (at 12:05:00 UTC)");
    assert.equal(wait({ "retry-after": "soon" }), null);
    assert.equal(wait({}), null);
  });

  it("splits a text into parts that together are the whole", () => {
    const text = Array.from({ length: 500 }, (_, index) => `line ${index}`).join("\n");
    let whole = "";
    for (let offset = 0; offset < text.length; ) {
      const piece = sliceText(text, offset, 300);
      const next = /\n… \d+ more characters; continue with offset (\d+)\.$/.exec(piece);
      const end = next ? Number(next[1]) : text.length;
      assert.ok(text.slice(offset, end).startsWith(next ? piece.slice(0, next.index) : piece));
      whole += text.slice(offset, end);
      offset = end;
    }
    assert.equal(whole, text);
  });
});
