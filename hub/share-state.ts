/** What a share consists of at this node: its record, its frames, its guests, its publisher, and the other nodes that serve it. */
import type { HubBus } from "./bus.ts";
import type { HubClient } from "./client.ts";
import { fencedText } from "./frame-intake.ts";
import { createFrameLog } from "./frame-log.ts";
import { createGuestList } from "./guest-list.ts";
import type { HubLimits } from "./limits.ts";
import type { HubMetrics } from "./metrics.ts";
import { openPeers } from "./peers.ts";
import { createRecordKeeper } from "./record-keeper.ts";
import type { HubStore, LoadedShare, StoredInvite } from "./store.ts";

export interface ShareDeps {
  store: HubStore;
  limits: HubLimits;
  metrics: HubMetrics;
  /** Absent where there is one node only. */
  bus?: HubBus | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

export const REVOKED = "This link was revoked. Ask the owner of the session for a new one.";
export const ENDED = "The owner has ended this share.";
export const DISCONNECTED = "The owner ended this connection.";

export function createShareState(id: string, loaded: LoadedShare | null, deps: ShareDeps) {
  const { limits, metrics, now } = deps;
  const kept = createRecordKeeper(id, loaded?.record ?? null, deps);
  const log = createFrameLog(id, loaded?.frames ?? [], deps);
  let publisher: HubClient | null = null;
  const guests = createGuestList({
    limits,
    metrics,
    now,
    left({ id: guest }) {
      if (publisher) publisher.send({ type: "left", guest });
      else peers.send({ type: "left", guest });
    },
  });
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
  return {
    kept,
    log,
    guests,
    peers,
    isOnline,
    rekeyGuests,
    setPublisher,
    /** The one that may publish; null while it is connected to another node, or to none. */
    publisher: (): HubClient | null => publisher,
  };
}

export type ShareState = ReturnType<typeof createShareState>;
