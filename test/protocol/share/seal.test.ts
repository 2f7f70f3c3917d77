import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bytes, decodeText, encodeText, randomBytes, toBase64 } from "../../../protocol/share/encode.ts";
import { deriveInviteKeys, importPublicKey, signingKey } from "../../../protocol/share/invite-keys.ts";
import {
  openMessageOpener,
  openMessageSealer,
  openStreamReader,
  openStreamSealer,
  type StreamPosition,
  streamStart,
} from "../../../protocol/share/seal.ts";
import { formatShareLink, parseShareLink } from "../../../protocol/share/share-link.ts";
import { unwrapEpochKey, wrapEpochKey } from "../../../protocol/share/wrapped-key.ts";

const share = toBase64(randomBytes(16));

async function openStream(epoch = 1, start: StreamPosition = streamStart) {
  const owner = await signingKey(randomBytes(32));
  const epochKey = randomBytes(32);
  const sealer = await openStreamSealer(share, epoch, epochKey, owner, start);
  const open = await openStreamReader(share, epoch, epochKey, await importPublicKey(owner.publicKey));
  const texts = ["the view", "one", "two", "three", "four"];
  const frames: { position: StreamPosition; bytes: Bytes }[] = [];
  for (const [index, text] of texts.entries()) frames.push(await sealer.seal(encodeText(text), index === 0));
  return { owner, epochKey, sealer, open, frames, texts };
}

describe("A sealed stream", () => {
  it("is read in order, from a snapshot on", async () => {
    const { open, frames, texts } = await openStream();
    let last: StreamPosition | null = null;
    for (const [index, { bytes }] of frames.entries()) {
      const opened = await open(bytes, last);
      assert.equal(decodeText(opened.content), texts[index]);
      last = opened.position;
    }
    assert.equal(last?.seq, 5);
  });

  it("shows nothing of its content", async () => {
    const { frames, texts } = await openStream();
    for (const { bytes } of frames)
      for (const text of texts) assert.equal(Buffer.from(bytes).includes(text.slice(0, 8)), false);
  });

  it("is refused when any bit is changed", async () => {
    const { open, frames } = await openStream();
    const [, second] = frames;
    const { position } = await open(frames[0]?.bytes ?? new Uint8Array(), null);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: (second?.bytes.length ?? 1) * 8 - 1 }), async (bit) => {
        const changed = Uint8Array.from(second?.bytes ?? []);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await assert.rejects(open(changed, position), /not intact/);
      }),
      { numRuns: 200 },
    );
  });

  it("is refused when frames are left out, moved, repeated, or cut off at the front", async () => {
    const { open, frames } = await openStream();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 7 }), async (order) => {
        let last: StreamPosition | null = null;
        for (const index of order) {
          const expected = index === (last?.seq ?? 0);
          const opening = open(frames[index]?.bytes ?? new Uint8Array(), last);
          if (!expected) return void (await assert.rejects(opening, /not intact/));
          last = (await opening).position;
        }
      }),
    );
  });

  it("continues in a new epoch, with a snapshot if its frames are not known", async () => {
    const first = await openStream();
    const last = first.frames.at(-1)?.position ?? streamStart;
    const next = await openStream(2, { ...streamStart, seq: last.seq });
    const opened = await next.open(next.frames[0]?.bytes ?? new Uint8Array(), last);
    assert.deepEqual([opened.position.seq, opened.isSnapshot], [6, true]);
    await assert.rejects(next.open(first.frames[1]?.bytes ?? new Uint8Array(), null), /another epoch/);
  });

  it("is refused from anyone but the owner, even with the key of the epoch", async () => {
    const { epochKey, open } = await openStream();
    const forger = await openStreamSealer(share, 1, epochKey, await signingKey(randomBytes(32)), streamStart);
    const { bytes } = await forger.seal(encodeText("forged"), true);
    await assert.rejects(open(bytes, null), /not signed by the owner/);
  });
});

describe("A sealed message", () => {
  const epochKey = randomBytes(32);
  const channel = { share, epoch: 1, epochKey, purpose: "intent", guest: toBase64(randomBytes(16)) } as const;

  it("is accepted once, in order, with the signature of its guest", async () => {
    const guest = await signingKey(randomBytes(32));
    const other = await importPublicKey((await signingKey(randomBytes(32))).publicKey);
    const key = await importPublicKey(guest.publicKey);
    const sealer = await openMessageSealer(channel);
    const opener = await openMessageOpener(channel);
    const [one, two] = [await sealer.seal(encodeText("one"), guest), await sealer.seal(encodeText("two"), guest)];
    assert.equal(await opener.open(one, other), null);
    assert.equal(decodeText((await opener.open(two, key)) ?? new Uint8Array()), "two");
    assert.equal(await opener.open(two, key), null);
    assert.equal(await opener.open(one, key), null);
  });

  it("is refused on another channel", async () => {
    const guest = await signingKey(randomBytes(32));
    const key = await importPublicKey(guest.publicKey);
    const sealed = await (await openMessageSealer(channel)).seal(encodeText("one"), guest);
    const others = [
      { ...channel, epoch: 2 },
      { ...channel, guest: toBase64(randomBytes(16)) },
      { ...channel, purpose: "direct" as const },
      { ...channel, share: toBase64(randomBytes(16)) },
    ];
    for (const other of others) assert.equal(await (await openMessageOpener(other)).open(sealed, key), null);
  });
});

describe("An invite", () => {
  it("gives the key of an epoch to its own link only", async () => {
    const [mine, theirs] = [randomBytes(32), randomBytes(32)];
    const [keys, others] = [await deriveInviteKeys(share, mine), await deriveInviteKeys(share, theirs)];
    const access = { epochKey: randomBytes(32), owner: randomBytes(32), role: "driver" } as const;
    const at = { share, epoch: 3, invite: keys.id };
    const wrapped = await wrapEpochKey(keys.wrapping, at, access);
    assert.deepEqual(await unwrapEpochKey(keys.wrapping, at, wrapped), access);
    assert.equal(await unwrapEpochKey(others.wrapping, at, wrapped), null);
    assert.equal(await unwrapEpochKey(keys.wrapping, { ...at, epoch: 4 }, wrapped), null);
    assert.equal(new Set([keys.id, keys.token, others.id, others.token]).size, 4);
  });
});

describe("A link to a shared session", () => {
  const link = { hub: "https://hub.example:8443", share, secret: randomBytes(32), owner: randomBytes(16) };

  it("is read as it was written", () => {
    const text = formatShareLink(link);
    assert.deepEqual(parseShareLink(` ${text}\n`), link);
  });

  it("is refused with the reason when it is damaged, and the secret is never quoted", () => {
    const text = formatShareLink(link);
    const secret = text.slice(text.indexOf("#") + 1);
    const bad: [string, RegExp][] = [
      ["hello", /not an address/],
      [text.split("#")[0] ?? "", /after # is missing/],
      [text.slice(0, -1), /damaged or was cut off/],
      [`${text}A`, /damaged or was cut off/],
      [text.replace("#", "#!"), /damaged or was cut off/],
      [text.replace("/s/", "/x/"), /its path/],
      [text.replace(share, "../../etc/passwd"), /its path/],
      [text.replace(share, `${share}%00`), /its path/],
      [text.replace("https:", "ftp:"), /begins with ftp:/],
      [text.replace("#", "?server=https://evil.example#"), /a query/],
      [text.replace("https://", "https://someone@"), /user name/],
    ];
    for (const [damaged, reason] of bad)
      assert.throws(
        () => parseShareLink(damaged),
        (error: Error) => reason.test(error.message) && !error.message.includes(secret.slice(0, 12)),
        damaged,
      );
  });
});
