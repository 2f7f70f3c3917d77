/**
 * One share at this hub: takes frames from its publisher, stores them, and gives them to its guests. Operations of the publisher run one
 * after the other. A guest that is too far behind gets the newest snapshot when it reads again.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { InviteEntry, PublisherMessage } from "../protocol/share/hub-messages.ts";
import { encodeHubMessage } from "../protocol/share/hub-messages.ts";
import type { HubClient } from "./client.ts";
import type { HubLimits } from "./limits.ts";
import type { HubMetrics } from "./metrics.ts";
import type { HubStore, LoadedShare, ShareRecord, StoredFrame, StoredInvite } from "./store.ts";

export interface ShareDeps {
  store: HubStore;
  limits: HubLimits;
  metrics: HubMetrics;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Guest {
  client: HubClient;
  id: string;
  invite: string;
  /** The last frame that was sent. */
  sent: number;
  behind: boolean;
  expiry: NodeJS.Timeout;
}

export interface Share {
  isUnused(): boolean;
  /** True if the token is that of this share; the first one that is presented becomes it. */
  admitPublisher(token: string): Promise<boolean>;
  publish(client: HubClient): void;
  /** Handles a message of an admitted publisher. */
  handle(client: HubClient, message: Exclude<PublisherMessage, { type: "publish" }>, body: Uint8Array): Promise<void>;
  publisherLeft(client: HubClient): void;
  /** Null if the guest was refused. `after`: the last frame that it has. */
  join(client: HubClient, join: JoinRequest): Guest | null;
  catchUp(guest: Guest): void;
  intent(guest: Guest, body: Uint8Array): void;
  guestLeft(guest: Guest): void;
  /** Disconnects everyone: they may connect again. */
  stop(code: "stopping" | "storage", message: string): void;
}

export interface JoinRequest {
  invite: string;
  token: string;
  guest: string;
  after?: { epoch: number; seq: number } | undefined;
}

const MAX_TIMEOUT = 2 ** 31 - 1;

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** Compares in constant time. */
const isHashOf = (token: string, hash: string): boolean =>
  timingSafeEqual(createHash("sha256").update(token).digest(), Buffer.from(hash.padEnd(43, "A"), "base64url"));

export function openShare(id: string, loaded: LoadedShare | null, { store, limits, metrics, now }: ShareDeps): Share {
  let record: ShareRecord | null = loaded?.record ?? null;
  let frames: StoredFrame[] = [...(loaded?.frames ?? [])];
  let publisher: HubClient | null = null;
  const publishers = new Set<HubClient>();
  const guests = new Map<string, Guest>();
  let work: Promise<unknown> = Promise.resolve();

  const lastSeq = (): number => frames.at(-1)?.seq ?? 0;
  const inOrder = <T>(task: () => Promise<T>): Promise<T> => {
    const done = work.then(task);
    work = done.catch(() => undefined);
    return done;
  };
  const save = async (change: Partial<ShareRecord>): Promise<ShareRecord> => {
    const base = record ?? { tokenHash: "", epoch: 0, invites: [], revoked: [], published: 0, changedAt: 0 };
    const changed = { ...base, ...change, changedAt: now() };
    await store.saveRecord(id, changed);
    record = changed;
    return changed;
  };
  const toStored = ({ invite, tokenHash, expiresIn, key }: InviteEntry): StoredInvite => ({
    invite,
    tokenHash,
    key,
    expiresAt: now() + expiresIn,
  });
  const announceOwner = (): void => {
    for (const { client } of guests.values()) client.send({ type: "owner", online: publisher !== null });
  };
  const remove = (guest: Guest): void => {
    clearTimeout(guest.expiry);
    if (guests.get(guest.id) !== guest) return;
    guests.delete(guest.id);
    publisher?.send({ type: "left", guest: guest.id });
  };
  const dismiss = (guest: Guest, code: "expired" | "revoked" | "ended" | "denied", message: string): void => {
    remove(guest);
    guest.client.fail(code, message);
  };
  const watchExpiry = (guest: Guest, expiresAt: number): void => {
    clearTimeout(guest.expiry);
    const left = expiresAt - now();
    guest.expiry = setTimeout(
      () => (left > MAX_TIMEOUT ? watchExpiry(guest, expiresAt) : dismiss(guest, "expired", EXPIRED)),
      Math.min(MAX_TIMEOUT, Math.max(0, left)),
    ).unref();
  };

  const beginEpoch = async (client: HubClient, epoch: number, invites: readonly InviteEntry[]): Promise<void> => {
    if (record?.epoch !== epoch - 1) return client.fail("fenced", fencedText(record?.epoch ?? 0));
    const listed = new Set(invites.map(({ invite }) => invite));
    const dropped = record.invites.map(({ invite }) => invite).filter((invite) => !listed.has(invite));
    const stored = invites.map(toStored);
    const revoked = [...record.revoked, ...dropped].filter((invite) => !listed.has(invite)).slice(-limits.revoked);
    await save({ epoch, invites: stored, revoked });
    if (publisher !== null && publisher !== client) publisher.fail("fenced", fencedText(epoch));
    publisher = client;
    client.send({ type: "epochBegun", epoch });
    const byId = new Map(stored.map((invite) => [invite.invite, invite]));
    for (const guest of [...guests.values()]) {
      const invite = byId.get(guest.invite);
      if (!invite) dismiss(guest, "revoked", REVOKED);
      else {
        guest.client.send({ type: "key", epoch, key: invite.key });
        watchExpiry(guest, invite.expiresAt);
      }
    }
    announceOwner();
  };

  const addInvite = async (client: HubClient, entry: InviteEntry): Promise<void> => {
    if (!record || publisher !== client) return client.fail("fenced", fencedText(record?.epoch ?? 0));
    const others = record.invites.filter(({ invite }) => invite !== entry.invite);
    await save({ invites: [...others, toStored(entry)] });
    client.send({ type: "invited", invite: entry.invite });
  };

  /** Frames that arrived while the ones before were written: they are written together. */
  let pending: StoredFrame[] = [];
  const takeFrame = (client: HubClient, frame: StoredFrame): Promise<void> => {
    pending.push(frame);
    return inOrder(async () => {
      const taken = pending;
      pending = [];
      if (taken.length > 0) await storeFrames(client, taken);
    });
  };
  const storeFrames = async (client: HubClient, taken: readonly StoredFrame[]): Promise<void> => {
    if (!record) return;
    const added: StoredFrame[] = [];
    let expected = lastSeq() + 1;
    for (const frame of taken) {
      if (publisher !== client || frame.epoch !== record.epoch) return client.fail("fenced", fencedText(record.epoch));
      // Sent again after a connection was lost: it is on disk.
      if (frame.seq < expected) continue;
      // After a store was lost, the numbers go on with a snapshot.
      if (frame.seq > expected && !frame.snapshot) return client.fail("invalid", "A frame is missing.");
      added.push(frame);
      expected = frame.seq + 1;
    }
    const size = added.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (record.published + size > limits.bytesPerShare)
      return client.fail("quota", `This share has used its ${formatMiB(limits.bytesPerShare)} at this hub.`);
    if (added.length > 0) {
      await store.append(id, added);
      record = { ...record, published: record.published + size, changedAt: now() };
      metrics.frames += added.length;
      metrics.bytes += size;
      for (const frame of added) deliver(frame);
      if (added.some(({ snapshot }) => snapshot)) await store.saveRecord(id, record);
    }
    client.send({ type: "stored", seq: lastSeq() });
  };
  const deliver = (frame: StoredFrame): void => {
    frames = frame.snapshot ? [frame] : [...frames, frame];
    const message = encodeHubMessage({ type: "frame" }, frame.bytes);
    for (const guest of guests.values()) sendFrame(guest, frame, message);
  };
  const sendFrame = (guest: Guest, frame: StoredFrame, message: Uint8Array): void => {
    if (guest.behind) return;
    const backlog = guest.client.backlog();
    if (backlog > 0 && backlog + message.length > limits.backlog) {
      guest.behind = true;
      metrics.slow += 1;
      return;
    }
    guest.sent = frame.seq;
    guest.client.sendEncoded(message);
  };
  const sendMissing = (guest: Guest): void => {
    // Those of an epoch before could not be opened with the key of this one.
    const readable = frames.filter(({ epoch }) => epoch === record?.epoch);
    const newest = readable[0];
    // Frames that continue what the guest has, or the newest snapshot and all after it.
    const from = newest && guest.sent >= newest.seq ? guest.sent + 1 : 0;
    for (const frame of readable)
      if (frame.seq >= from) {
        guest.sent = frame.seq;
        guest.client.sendEncoded(encodeHubMessage({ type: "frame" }, frame.bytes));
      }
  };
  const end = async (client: HubClient): Promise<void> => {
    if (record) await save({ ended: true, invites: [], revoked: [], published: 0 });
    await store.clear(id);
    frames = [];
    for (const guest of [...guests.values()]) dismiss(guest, "ended", ENDED);
    client.send({ type: "ended" });
  };

  return {
    isUnused: () => publishers.size === 0 && guests.size === 0,
    admitPublisher: (token) =>
      inOrder(async () => {
        if (record?.ended) return false;
        if (!record) await save({ tokenHash: hashToken(token) });
        return isHashOf(token, record?.tokenHash ?? "");
      }),
    publish(client) {
      publishers.add(client);
      client.send({ type: "publishing", epoch: record?.epoch ?? 0, seq: lastSeq() });
    },
    async handle(client, message, body) {
      switch (message.type) {
        case "epoch":
          return inOrder(() => beginEpoch(client, message.epoch, message.invites));
        case "invite":
          return inOrder(() => addInvite(client, message.invite));
        case "frame": {
          const { epoch, seq, snapshot } = message;
          return takeFrame(client, { epoch, seq, snapshot, bytes: body });
        }
        case "direct":
          if (publisher === client) guests.get(message.guest)?.client.send({ type: "direct" }, body);
          return;
        case "disconnect": {
          const guest = publisher === client ? guests.get(message.guest) : undefined;
          if (guest) dismiss(guest, "denied", "The owner ended this connection.");
          return;
        }
        case "end":
          return inOrder(() => end(client));
        default:
          message satisfies never;
      }
    },
    publisherLeft(client) {
      publishers.delete(client);
      if (publisher !== client) return;
      publisher = null;
      announceOwner();
    },
    join(client, { invite: wanted, token, guest: guestId, after }) {
      const invite = record?.invites.find(({ invite }) => invite === wanted);
      const isToken = isHashOf(token, invite?.tokenHash ?? "");
      const refuse = (code: "notFound" | "ended" | "revoked" | "expired" | "denied" | "full", text: string): null => {
        client.fail(code, text);
        return null;
      };
      if (record?.ended) return refuse("ended", ENDED);
      if (record?.revoked.includes(wanted)) return refuse("revoked", REVOKED);
      if (!invite || !isToken) return refuse("notFound", NOT_FOUND);
      if (invite.expiresAt <= now()) return refuse("expired", EXPIRED);
      if (guests.size >= limits.guestsPerShare)
        return refuse("full", "This session has as many guests as it may have.");
      const same = guests.get(guestId);
      if (same && same.invite !== wanted) return refuse("denied", "This guest has joined with another link.");
      if (same) dismiss(same, "denied", "This guest has connected again.");
      const isKnown = after !== undefined && after.epoch === record?.epoch && after.seq <= lastSeq();
      const guest: Guest = {
        client,
        id: guestId,
        invite: wanted,
        sent: isKnown ? after.seq : 0,
        behind: false,
        expiry: setTimeout(() => undefined, 0),
      };
      watchExpiry(guest, invite.expiresAt);
      guests.set(guestId, guest);
      client.send({ type: "key", epoch: record?.epoch ?? 0, key: invite.key });
      client.send({ type: "owner", online: publisher !== null });
      sendMissing(guest);
      return guest;
    },
    catchUp(guest) {
      if (!guest.behind || guest.client.backlog() > limits.lowBacklog) return;
      guest.behind = false;
      sendMissing(guest);
    },
    intent(guest, body) {
      if (publisher) publisher.send({ type: "intent", guest: guest.id, invite: guest.invite }, body);
      else guest.client.send({ type: "owner", online: false });
    },
    guestLeft: remove,
    stop(code, message) {
      for (const client of publishers) client.fail(code, message);
      for (const { client, expiry } of guests.values()) {
        clearTimeout(expiry);
        client.fail(code, message);
      }
    },
  };
}

const EXPIRED = "This link has expired. Ask the owner of the session for a new one.";
const REVOKED = "This link was revoked. Ask the owner of the session for a new one.";
const ENDED = "The owner has ended this share.";
const NOT_FOUND = "This hub has no such shared session, or the link is not complete.";

const fencedText = (epoch: number): string =>
  `Another server publishes this share since (epoch ${epoch}). This one must not.`;

const formatMiB = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
