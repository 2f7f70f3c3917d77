/**
 * One share at this hub: takes frames from its publisher, stores them, and gives them to its guests. Operations of the publisher run one
 * after the other. A guest that is too far behind gets the newest snapshot when it reads again. Where the hub has several nodes, the
 * publisher and each guest are connected to any of them.
 */
import type { HubErrorCode, PublisherMessage } from "../protocol/share/hub-messages.ts";
import type { HubClient } from "./client.ts";
import { CONNECTED_AGAIN, EXPIRED, type Guest } from "./guest-list.ts";
import { createPublisherSide } from "./publisher-side.ts";
import { isHashOf } from "./record-keeper.ts";
import { createShareState, ENDED, REVOKED, type ShareDeps } from "./share-state.ts";
import type { LoadedShare, ShareRecord, StoredInvite } from "./store.ts";

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
  const { limits, now, store } = deps;
  const state = createShareState(id, loaded, deps);
  const { kept, log, guests, peers, publisher, isOnline } = state;
  const owner = createPublisherSide(state);
  return {
    ready: peers.ready,
    isUnused: () => owner.count() === 0 && guests.count() === 0,
    admitPublisher: (token) =>
      owner.inOrder(async () => {
        // The owner continues what is stored, at whichever node.
        await store.refresh?.(id);
        return kept.admit(token);
      }),
    publish: owner.publish,
    handle: owner.handle,
    publisherLeft: owner.left,
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
      const local = publisher();
      if (local) local.send({ type: "intent", guest: guest.id, invite: guest.invite }, body);
      else if (peers.haveOwner()) peers.send({ type: "intent", guest: guest.id, invite: guest.invite }, body);
      else guest.client.send({ type: "owner", online: false });
    },
    guestLeft: guests.remove,
    stop(code, message) {
      owner.failAll(code, message);
      for (const guest of guests.all()) guests.dismiss(guest, code, message);
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

const NOT_FOUND = "This hub has no such shared session, or the link is not complete.";

const OTHER_LINK: Refusal = { code: "denied", message: "This guest has joined with another link." };
const FULL: Refusal = { code: "full", message: "This session has as many guests as it may have." };
