/** Serves the two kinds of clients of a hub: owners' servers that publish, and guests. */
import type { GuestMessage, PublisherMessage } from "../protocol/share/hub-messages.ts";
import type { ClientEvents, HubClient } from "./client.ts";
import type { Guest } from "./guest-list.ts";
import { createAllowance, type HubLimits } from "./limits.ts";
import type { HubMetrics } from "./metrics.ts";
import type { Share } from "./share.ts";
import type { ShareTable } from "./share-table.ts";

export interface ServeDeps {
  shares: ShareTable;
  limits: HubLimits;
  metrics: HubMetrics;
  now(): number;
}

export function servePublisher(client: HubClient, deps: ServeDeps): ClientEvents<PublisherMessage> {
  const { shares, limits, metrics, now } = deps;
  const allowance = createAllowance(limits.bytesPerSecond, limits.burst, now);
  let share: Share | null = null;
  let id = "";
  let left = false;
  const admit = async (message: Extract<PublisherMessage, { type: "publish" }>): Promise<void> => {
    id = message.share;
    const opened = await shares.open(id);
    const isAdmitted = await opened.admitPublisher(message.token);
    if (left || !isAdmitted) {
      shares.release(id, opened);
      metrics.refused += 1;
      return client.fail("denied", "This hub has another owner for this share, or it was ended.");
    }
    share = opened;
    share.publish(client);
  };
  return {
    message(message, body) {
      if (message.type === "publish") {
        if (id !== "") return client.fail("invalid", "This connection publishes already.");
        return void admit(message).catch((error) => shares.fail(client, id, error));
      }
      if (!share) return client.fail("invalid", "The first message must be `publish`.");
      const wait = allowance.take(body.length);
      if (wait > 0) {
        client.pause();
        setTimeout(client.resume, wait).unref();
      }
      // A copy: the buffer is part of a larger one that would stay in memory with the frame.
      share.handle(client, message, Uint8Array.from(body)).catch((error) => shares.fail(client, id, error));
    },
    flushed: () => undefined,
    closed() {
      left = true;
      share?.publisherLeft(client);
      if (share) shares.release(id, share);
    },
  };
}

export function serveGuest(client: HubClient, deps: ServeDeps): ClientEvents<GuestMessage> {
  const { shares, limits, metrics, now } = deps;
  const allowance = createAllowance(limits.intentsPerSecond, limits.intentBurst, now);
  let share: Share | null = null;
  let guest: Guest | null = null;
  let id = "";
  let left = false;
  const join = async (message: Extract<GuestMessage, { type: "join" }>): Promise<void> => {
    id = message.share;
    const opened = await shares.open(id);
    if (left) return shares.release(id, opened);
    guest = opened.join(client, message);
    if (guest === null) {
      metrics.refused += 1;
      return shares.release(id, opened);
    }
    share = opened;
    metrics.guests += 1;
  };
  return {
    message(message, body) {
      if (message.type === "join") {
        if (id !== "") return client.fail("invalid", "This connection has joined already.");
        return void join(message).catch((error) => shares.fail(client, id, error));
      }
      if (!share || !guest) return client.fail("invalid", "The first message must be `join`.");
      if (allowance.take(1) > 0)
        return client.fail("tooFast", "Too many messages at once. Wait a moment, then join again.");
      metrics.intents += 1;
      share.intent(guest, body);
    },
    flushed() {
      if (share && guest) share.catchUp(guest);
    },
    closed() {
      left = true;
      if (!share || !guest) return;
      metrics.guests -= 1;
      share.guestLeft(guest);
      shares.release(id, share);
    },
  };
}
