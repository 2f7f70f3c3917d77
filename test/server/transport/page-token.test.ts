/** The tickets and tokens by which a browser signs in. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createPageToken, createTickets, isPageToken, TICKET_MS } from "../../../server/transport/page-token.ts";
import { openToken, type Token } from "../../../server/transport/token.ts";

describe("tickets", () => {
  it("work once", () => {
    const tickets = createTickets(() => 1_000);
    const [first, second] = [tickets.issue(), tickets.issue()];
    assert.equal(Buffer.from(first.ticket, "base64url").length, 32);
    assert.deepEqual([tickets.redeem(second.ticket), tickets.redeem(second.ticket)], [true, false]);
    assert.deepEqual([tickets.redeem(first.ticket), tickets.redeem(first.ticket)], [true, false]);
    for (const wrong of ["", "x", second.ticket, `${first.ticket}=`]) assert.equal(tickets.redeem(wrong), false);
  });

  it("expire", () => {
    let now = 5_000;
    const tickets = createTickets(() => now);
    const [early, late] = [tickets.issue(), tickets.issue()];
    assert.equal(early.expiresAt, 5_000 + TICKET_MS);
    now += TICKET_MS - 1;
    assert.equal(tickets.redeem(early.ticket), true);
    now += 1;
    assert.equal(tickets.redeem(late.ticket), false);
  });
});

describe("page tokens", () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-page-token-"));
  let token: Token;
  let stranger: Token;
  before(() => {
    token = openToken(join(folder, "a"), () => undefined);
    stranger = openToken(join(folder, "b"), () => undefined);
  });
  after(() => {
    token.close();
    stranger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are valid until they expire, for the server with the same token file", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 46 }), (expiresAt) => {
        const made = createPageToken(token, expiresAt);
        assert.match(made, /^[A-Za-z0-9_-]{75}$/);
        assert.equal(isPageToken(token, made, expiresAt - 1), true);
        assert.equal(isPageToken(token, made, expiresAt), false);
        assert.equal(isPageToken(stranger, made, 0), false);
      }),
    );
  });

  it("cannot be changed", () => {
    const bytes = Buffer.from(createPageToken(token, 1_000), "base64url");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        assert.equal(isPageToken(token, changed.toString("base64url"), 0), false);
      }),
    );
    for (const wrong of ["", "x", bytes.toString("base64"), `${bytes.toString("base64url")}A`])
      assert.equal(isPageToken(token, wrong, 0), false);
  });
});
