/** The guests of one share: who is here, what was sent to each, and when their links expire. */
import { encodeHubMessage, type HubErrorCode, type ToGuest } from "../protocol/share/hub-messages.ts";
import type { HubClient } from "./client.ts";
import type { HubLimits } from "./limits.ts";
import type { HubMetrics } from "./metrics.ts";
import type { StoredFrame } from "./store.ts";

export interface Guest {
  client: HubClient;
  id: string;
  invite: string;
  /** The last frame that was sent. */
  sent: number;
  behind: boolean;
  expiry: NodeJS.Timeout;
}

export interface GuestList {
  count(): number;
  all(): Guest[];
  find(id: string): Guest | undefined;
  /** `sent`: the last frame that the guest has. */
  add(guest: Pick<Guest, "client" | "id" | "invite" | "sent">, expiresAt: number): Guest;
  remove(guest: Guest): void;
  /** Removes it without a word to the publisher: the same guest has connected again. */
  replace(guest: Guest | undefined): void;
  /** Removes it, if there is one, and says why. */
  dismiss(guest: Guest | undefined, code: HubErrorCode, message: string): void;
  setExpiry(guest: Guest, expiresAt: number): void;
  sendAll(header: ToGuest): void;
  /** Sends a new frame to all that are not behind. */
  deliver(frame: StoredFrame): void;
  /** Sends what the guest does not have: frames that continue what it has, or the newest snapshot and all after it. */
  sendMissing(guest: Guest, frames: readonly StoredFrame[]): void;
  isReady(guest: Guest): boolean;
}

export interface GuestListDeps {
  limits: HubLimits;
  metrics: HubMetrics;
  now(): number;
  left(guest: Guest): void;
}

const MAX_TIMEOUT = 2 ** 31 - 1;
export const CONNECTED_AGAIN = "This guest has connected again.";
export const EXPIRED = "This link has expired. Ask the owner of the session for a new one.";

export function createGuestList({ limits, metrics, now, left }: GuestListDeps): GuestList {
  const guests = new Map<string, Guest>();
  const forget = (guest: Guest): boolean => {
    clearTimeout(guest.expiry);
    return guests.get(guest.id) === guest && guests.delete(guest.id);
  };
  const remove = (guest: Guest): void => {
    if (forget(guest)) left(guest);
  };
  const dismiss = (guest: Guest | undefined, code: HubErrorCode, message: string): void => {
    if (!guest) return;
    remove(guest);
    guest.client.fail(code, message);
  };
  const setExpiry = (guest: Guest, expiresAt: number): void => {
    clearTimeout(guest.expiry);
    const wait = expiresAt - now();
    guest.expiry = setTimeout(
      () => (wait > MAX_TIMEOUT ? setExpiry(guest, expiresAt) : dismiss(guest, "expired", EXPIRED)),
      Math.min(MAX_TIMEOUT, Math.max(0, wait)),
    ).unref();
  };
  return {
    count: () => guests.size,
    all: () => [...guests.values()],
    find: (id) => guests.get(id),
    add(added, expiresAt) {
      const guest: Guest = { ...added, behind: false, expiry: setTimeout(() => undefined, 0) };
      guests.set(guest.id, guest);
      setExpiry(guest, expiresAt);
      return guest;
    },
    remove,
    replace(guest) {
      if (guest && forget(guest)) guest.client.fail("denied", CONNECTED_AGAIN);
    },
    dismiss,
    setExpiry,
    sendAll(header) {
      const message = encodeHubMessage(header);
      for (const { client } of guests.values()) client.sendEncoded(message);
    },
    deliver({ seq, bytes }) {
      const message = encodeHubMessage({ type: "frame" }, bytes);
      for (const guest of guests.values()) {
        // A guest that joined while the frame was being stored has it already.
        if (guest.behind || guest.sent >= seq) continue;
        const backlog = guest.client.backlog();
        if (backlog > 0 && backlog + message.length > limits.backlog) {
          guest.behind = true;
          metrics.slow += 1;
        } else {
          guest.sent = seq;
          guest.client.sendEncoded(message);
        }
      }
    },
    sendMissing(guest, frames) {
      guest.behind = false;
      const from = frames[0] && guest.sent >= frames[0].seq ? guest.sent + 1 : 0;
      for (const { seq, bytes } of frames) {
        if (seq < from) continue;
        guest.sent = seq;
        guest.client.sendEncoded(encodeHubMessage({ type: "frame" }, bytes));
      }
    },
    isReady: ({ behind, client }) => behind && client.backlog() <= limits.lowBacklog,
  };
}
