/**
 * One share at this hub: takes frames from its publisher, stores them, and gives them to its guests. Operations of the publisher run one
 * after the other. A guest that is too far behind gets the newest snapshot when it reads again. Where the hub has several nodes, the
 * publisher and each guest are connected to any of them.
 */
import type { HubErrorCode, InviteEntry, PublisherMessage } from "../protocol/share/hub-messages.ts";
import type { HubBus } from "./bus.ts";
import type { HubClient } from "./client.ts";
import { createFrameIntake, createQueue, fencedText } from "./frame-intake.ts";
import { createFrameLog } from "./frame-log.ts";
import { CONNECTED_AGAIN, createGuestList, EXPIRED, type Guest } from "./guest-list.ts";
import type { HubLimits } from "./limits.ts";
import type { HubMetrics } from "./metrics.ts";
import { openPeers } from "./peers.ts";
import { createRecordKeeper, isHashOf } from "./record-keeper.ts";
import type { HubStore, LoadedShare, ShareRecord, StoredInvite } from "./store.ts";

export interface ShareDeps {
  store: HubStore;
  limits: HubLimits;
  metrics: HubMetrics;
  /** Absent where there is one node only. */
  bus?: HubBus | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Share {
  /** Resolves when it can be joined. */
  ready: Promise<void>;
  isUnused(): boolean;
  /** True if the token is that of this share; the first one that is presented becomes it. */
  admitPublisher(token: string): Promise<boolean>;
  publish(client: HubClient): void;
  /** Handles a message of an admitted publisher. */
  handle(client: HubClient, message: Exclude<PublisherMessage, { type: "publish" }>, body: Uint8Array): Promise<void>;
  publisherLeft(client: HubClient): void;
  /** Null if the guest was refused. */
  join(client: HubClient, join: JoinRequest): Guest | null;
  catchUp(guest: Guest): void;
  intent(guest: Guest, body: Uint8Array): void;
  guestLeft(guest: Guest): void;
  /** Disconnects everyone: they may connect again. */
  stop(code: "stopping" | "storage", message: string): void;
  /** To be called when it is unused. */
  close(): void;
}

export interface JoinRequest {
  invite: string;
  token: string;
  guest: string;
  /** The last frame that the guest has. */
  after?: { epoch: number; seq: number } | undefined;
}

export function openShare(id: string, loaded: LoadedShare | null, deps: ShareDeps): Share {
  const { limits, metrics, now } = deps;
  const kept = createRecordKeeper(id, loaded?.record ?? null, deps);
  const log = createFrameLog(id, loaded?.frames ?? [], deps);
  let publisher: HubClient | null = null;
  const publishers = new Set<HubClient>();
  const guests = createGuestList({
    limits,
    metrics,
    now,
    left({ id: guest }) {
      if (publisher) publisher.send({ type: "left", guest });
      else peers.send({ type: "left", guest });
    },
  });
  const inOrder = createQueue();
  const isOnline = (): boolean => publisher !== null || peers.haveOwner();
  const announceOwner = (): void => guests.sendAll({ type: "owner", online: isOnline() });
  const setPublisher = (client: HubClient | null): void => {
    publisher = client;
    peers.setOwner(client !== null);
    announceOwner();
  };
  const peers = openPeers(id, deps.bus, {
    received(message, body) {
      const guest = guests.find(message.guest);
      switch (message.type) {
        case "intent":
          return publisher?.send({ type: "intent", guest: message.guest, invite: message.invite }, body);
        case "left":
          return publisher?.send({ type: "left", guest: message.guest });
        case "direct":
          return guest?.client.send({ type: "direct" }, body);
        case "disconnect":
          return guests.dismiss(guest, "denied", DISCONNECTED);
        case "joined":
          return guests.replace(guest);
        default:
          message satisfies never;
      }
    },
    ownerChanged: announceOwner,
  });
  /** Guests get the key of the new epoch; those whose invite it does not have are disconnected. */
  const rekeyGuests = (epoch: number, invites: readonly StoredInvite[]): void => {
    for (const guest of guests.all()) {
      const invite = invites.find(({ invite }) => invite === guest.invite);
      if (!invite) guests.dismiss(guest, "revoked", REVOKED);
      else {
        guest.client.send({ type: "key", epoch, key: invite.key });
        guests.setExpiry(guest, invite.expiresAt);
      }
    }
  };
  deps.store.follow?.(id, {
    recordChanged(record) {
      const { epoch } = kept.record();
      kept.replace(record);
      if (record.ended) for (const guest of guests.all()) guests.dismiss(guest, "ended", ENDED);
      else if (record.epoch > epoch) {
        const fenced = publisher;
        publisher = null;
        peers.setOwner(false);
        peers.noteOwner();
        fenced?.fail("fenced", fencedText(record.epoch));
        rekeyGuests(record.epoch, record.invites);
      }
    },
    framesAdded(frames) {
      peers.noteOwner();
      log.take(frames);
      for (const frame of frames) guests.deliver(frame);
    },
  });

  const beginEpoch = async (client: HubClient, epoch: number, invites: readonly InviteEntry[]): Promise<void> => {
    const current = kept.record().epoch;
    if (current !== epoch - 1) return client.fail("fenced", fencedText(current));
    const stored = await kept.beginEpoch(epoch, invites);
    if (publisher !== null && publisher !== client) publisher.fail("fenced", fencedText(epoch));
    client.send({ type: "epochBegun", epoch });
    rekeyGuests(epoch, stored);
    setPublisher(client);
  };
  const addInvite = async (client: HubClient, entry: InviteEntry): Promise<void> => {
    if (publisher !== client) return client.fail("fenced", fencedText(kept.record().epoch));
    await kept.addInvite(entry);
    client.send({ type: "invited", invite: entry.invite });
  };

  const takeFrame = createFrameIntake({
    log,
    kept,
    deliver: guests.deliver,
    isPublisher: (client) => publisher === client,
    inOrder,
  });
  const end = async (client: HubClient): Promise<void> => {
    await kept.end();
    await log.clear();
    for (const guest of guests.all()) guests.dismiss(guest, "ended", ENDED);
    client.send({ type: "ended" });
  };
  const sendToGuest = (client: HubClient, id: string, body: Uint8Array): void => {
    if (publisher !== client) return;
    const guest = guests.find(id);
    if (guest) guest.client.send({ type: "direct" }, body);
    else peers.send({ type: "direct", guest: id }, body);
  };
  const disconnect = (client: HubClient, id: string): void => {
    if (publisher !== client) return;
    const guest = guests.find(id);
    if (guest) guests.dismiss(guest, "denied", DISCONNECTED);
    else peers.send({ type: "disconnect", guest: id });
  };

  return {
    ready: peers.ready,
    isUnused: () => publishers.size === 0 && guests.count() === 0,
    admitPublisher: (token) =>
      inOrder(async () => {
        // The owner continues what is stored, at whichever node.
        await deps.store.refresh?.(id);
        return kept.admit(token);
      }),
    publish(client) {
      publishers.add(client);
      client.send({ type: "publishing", epoch: kept.record().epoch, seq: log.lastSeq() });
    },
    async handle(client, message, body) {
      switch (message.type) {
        case "epoch":
          return inOrder(() => beginEpoch(client, message.epoch, message.invites));
        case "invite":
          return inOrder(() => addInvite(client, message.invite));
        case "frame":
          return takeFrame(client, { epoch: message.epoch, seq: message.seq, snapshot: message.snapshot, bytes: body });
        case "direct":
          return sendToGuest(client, message.guest, body);
        case "disconnect":
          return disconnect(client, message.guest);
        case "end":
          return inOrder(() => end(client));
        default:
          message satisfies never;
      }
    },
    publisherLeft(client) {
      publishers.delete(client);
      if (publisher !== client) return;
      setPublisher(null);
    },
    join(client, request) {
      const { invite: inviteId, guest: guestId, after } = request;
      const same = guests.find(guestId);
      const found = same && same.invite !== inviteId ? OTHER_LINK : findInvite(kept.record(), request, now());
      const admitted = guests.count() < limits.guestsPerShare || "code" in found ? found : FULL;
      if ("code" in admitted) {
        client.fail(admitted.code, admitted.message);
        return null;
      }
      guests.dismiss(same, "denied", CONNECTED_AGAIN);
      peers.send({ type: "joined", guest: guestId });
      const { epoch } = kept.record();
      const isKnown = after !== undefined && after.epoch === epoch && after.seq <= log.lastSeq();
      const added = { client, id: guestId, invite: inviteId, sent: isKnown ? after.seq : 0 };
      const guest = guests.add(added, admitted.expiresAt);
      client.send({ type: "key", epoch, key: admitted.key });
      client.send({ type: "owner", online: isOnline() });
      guests.sendMissing(guest, log.readable(epoch));
      return guest;
    },
    catchUp(guest) {
      if (guests.isReady(guest)) guests.sendMissing(guest, log.readable(kept.record().epoch));
    },
    intent(guest, body) {
      if (publisher) publisher.send({ type: "intent", guest: guest.id, invite: guest.invite }, body);
      else if (peers.haveOwner()) peers.send({ type: "intent", guest: guest.id, invite: guest.invite }, body);
      else guest.client.send({ type: "owner", online: false });
    },
    guestLeft: guests.remove,
    stop(code, message) {
      for (const client of publishers) client.fail(code, message);
      for (const guest of guests.all()) guests.dismiss(guest, code, message);
      publisher = null;
      peers.close();
    },
    close: peers.close,
  };
}

interface Refusal {
  code: HubErrorCode;
  message: string;
}

/** The invite of a link, or why it does not work. Takes the same time for a wrong token as for none. */
function findInvite(record: ShareRecord, { invite: id, token }: JoinRequest, now: number): StoredInvite | Refusal {
  const invite = record.invites.find(({ invite }) => invite === id);
  const isToken = isHashOf(token, invite?.tokenHash ?? "");
  if (record.ended) return { code: "ended", message: ENDED };
  if (record.revoked.includes(id)) return { code: "revoked", message: REVOKED };
  if (!invite || !isToken) return { code: "notFound", message: NOT_FOUND };
  return invite.expiresAt > now ? invite : { code: "expired", message: EXPIRED };
}

const DISCONNECTED = "The owner ended this connection.";
const REVOKED = "This link was revoked. Ask the owner of the session for a new one.";
const ENDED = "The owner has ended this share.";
const NOT_FOUND = "This hub has no such shared session, or the link is not complete.";

const OTHER_LINK: Refusal = { code: "denied", message: "This guest has joined with another link." };
const FULL: Refusal = { code: "full", message: "This session has as many guests as it may have." };
