/** What the owner's server does with a share: it begins epochs, publishes frames, and answers guests. Operations run one after the other. */
import type { InviteEntry, PublisherMessage } from "../protocol/share/hub-messages.ts";
import type { HubClient } from "./client.ts";
import { createFrameIntake, createQueue, fencedText } from "./frame-intake.ts";
import { DISCONNECTED, ENDED, type ShareState } from "./share-state.ts";

export function createPublisherSide({ kept, log, guests, peers, publisher, setPublisher, rekeyGuests }: ShareState) {
  const clients = new Set<HubClient>();
  const inOrder = createQueue();
  const beginEpoch = async (client: HubClient, epoch: number, invites: readonly InviteEntry[]): Promise<void> => {
    const current = kept.record().epoch;
    if (current !== epoch - 1) return client.fail("fenced", fencedText(current));
    const stored = await kept.beginEpoch(epoch, invites);
    const before = publisher();
    if (before !== client) before?.fail("fenced", fencedText(epoch));
    client.send({ type: "epochBegun", epoch });
    rekeyGuests(epoch, stored);
    setPublisher(client);
  };
  const addInvite = async (client: HubClient, entry: InviteEntry): Promise<void> => {
    if (publisher() !== client) return client.fail("fenced", fencedText(kept.record().epoch));
    await kept.addInvite(entry);
    client.send({ type: "invited", invite: entry.invite });
  };

  const takeFrame = createFrameIntake({
    log,
    kept,
    deliver: guests.deliver,
    isPublisher: (client) => publisher() === client,
    inOrder,
  });
  const end = async (client: HubClient): Promise<void> => {
    await kept.end();
    await log.clear();
    for (const guest of guests.all()) guests.dismiss(guest, "ended", ENDED);
    client.send({ type: "ended" });
  };
  const sendToGuest = (client: HubClient, id: string, body: Uint8Array): void => {
    if (publisher() !== client) return;
    const guest = guests.find(id);
    if (guest) guest.client.send({ type: "direct" }, body);
    else peers.send({ type: "direct", guest: id }, body);
  };
  const disconnect = (client: HubClient, id: string): void => {
    if (publisher() !== client) return;
    const guest = guests.find(id);
    if (guest) guests.dismiss(guest, "denied", DISCONNECTED);
    else peers.send({ type: "disconnect", guest: id });
  };

  return {
    inOrder,
    count: () => clients.size,
    publish(client: HubClient): void {
      clients.add(client);
      client.send({ type: "publishing", epoch: kept.record().epoch, seq: log.lastSeq() });
    },
    async handle(
      client: HubClient,
      message: Exclude<PublisherMessage, { type: "publish" }>,
      body: Uint8Array,
    ): Promise<void> {
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
    left(client: HubClient): void {
      clients.delete(client);
      if (publisher() === client) setPublisher(null);
    },
    failAll(code: "stopping" | "storage", message: string): void {
      for (const client of clients) client.fail(code, message);
    },
  };
}
