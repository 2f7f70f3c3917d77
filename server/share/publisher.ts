/**
 * Publishes a session to its hub, sealed. It only watches the session: a hub that is slow or gone never delays it. Each connection begins a
 * new epoch, with a new key and a snapshot, so nothing has to be remembered from the one before.
 */
import { TuttiError } from "../../protocol/errors.ts";
import type { ParticipantList } from "../../protocol/participants.ts";
import type { Bytes } from "../../protocol/share/encode.ts";
import type { ToPublisher } from "../../protocol/share/hub-messages.ts";
import type { WatchableSession } from "../rpc/subscriptions.ts";
import { createEntry, createEpoch, type Epoch, listEntries } from "./epoch.ts";
import { type HubLinkState, keepConnected } from "./hub-link.ts";
import { createOutbox } from "./outbox.ts";
import type { InviteRecord, ShareRecord } from "./share-record.ts";
import { createStreamPump } from "./stream-pump.ts";

export interface PublisherEvents {
  /** An epoch began: guests must join again, and messages of the one before are not valid any more. */
  epochBegan(epoch: Epoch): void;
  intent(guest: string, invite: string, sealed: Uint8Array): void;
  left(guest: string): void;
  stateChanged(): void;
}

export interface Publisher {
  state(): HubLinkState;
  /** The number of the last frame. */
  lastSeq(): number;
  participantsChanged(participants: ParticipantList): void;
  sendDirect(guest: string, sealed: Bytes): void;
  /** Bytes that wait to be sent to the hub. */
  backlog(): number;
  disconnect(guest: string): void;
  /** Resolves when the hub has it. If the hub cannot be reached for some seconds, it gets it later. */
  addInvite(invite: InviteRecord): Promise<void>;
  /** Resolves when the session is published; rejects with the problem if that takes more than some seconds. */
  connected(): Promise<void>;
  /** The invites have changed: goes on in a new epoch, without those that were revoked or have expired. */
  renewEpoch(): Promise<void>;
  /** Watches another object for the same session. */
  replaceSession(session: WatchableSession): void;
  /** Lets the hub delete everything. False if it could not be reached. */
  end(): Promise<boolean>;
  close(): void;
}

const NO_ANSWER = "The hub does not answer.";
const HUB_MS = 5_000;

export function openPublisher(record: () => ShareRecord, first: WatchableSession, events: PublisherEvents): Publisher {
  let session = first;
  const outbox = createOutbox(() => session.view());
  const pump = createStreamPump(outbox, () => hub);
  /** The epoch that the hub has not accepted yet. */
  let next: Epoch | null = null;
  let lastEpoch = 0;
  let isEnding = false;
  const answers = createAnswers();

  const watchSession = (): (() => void) =>
    session.watch((envelope) => {
      outbox.add(envelope);
      pump.schedule();
    });
  let unwatch = watchSession();

  const beginEpoch = async (number: number): Promise<void> => {
    pump.setEpoch(null);
    lastEpoch = number;
    const epoch = await createEpoch(record(), number, pump.lastSeq());
    const invites = await listEntries(record(), epoch);
    next = epoch;
    hub.send({ type: "epoch", epoch: number, invites });
  };
  const epochBegun = (number: number): void => {
    if (number !== next?.number) return;
    events.epochBegan(next);
    pump.setEpoch(next);
    next = null;
    hub.succeeded();
    answers.arrivedAll();
  };
  const receive = async (header: ToPublisher, body: Uint8Array): Promise<void> => {
    switch (header.type) {
      case "publishing":
        if (isEnding) return hub.send({ type: "end" });
        pump.continueFrom(header.seq);
        return beginEpoch(header.epoch + 1);
      case "epochBegun":
        return epochBegun(header.epoch);
      case "invited":
        return answers.arrived(header.invite);
      case "stored":
        return pump.stored(header.seq);
      case "intent":
        return events.intent(header.guest, header.invite, body);
      case "left":
        return events.left(header.guest);
      case "ended":
        return answers.arrived("ended");
      default:
    }
  };
  const hub = keepConnected(record(), {
    receive,
    lost(error, isFinal) {
      pump.setEpoch(null);
      next = null;
      // Nothing is left of it at the hub.
      if (error?.code === "ended" || error?.code === "denied") answers.arrived("ended");
      if (isFinal) answers.arrived("connected");
    },
    stateChanged: events.stateChanged,
  });

  return {
    state: hub.state,
    lastSeq: pump.lastSeq,
    participantsChanged(changed) {
      outbox.setParticipants(changed);
      pump.schedule();
    },
    sendDirect: (guest, sealed) => hub.send({ type: "direct", guest }, sealed),
    backlog: hub.backlog,
    disconnect: (guest) => hub.send({ type: "disconnect", guest }),
    async addInvite(invite) {
      const epoch = pump.epoch();
      // Without an epoch, the next one has it.
      if (epoch === null) return;
      const entry = await createEntry(record(), invite, epoch);
      if (pump.epoch() !== epoch) return;
      const invited = answers.wait(entry.invite);
      hub.send({ type: "invite", invite: entry });
      await invited;
    },
    async connected() {
      if (pump.epoch() === null && hub.state().state !== "failed") await answers.wait("connected");
      if (pump.epoch() === null) throw new TuttiError("failed", hub.state().problem || NO_ANSWER);
    },
    async renewEpoch() {
      if (pump.epoch() !== null) await beginEpoch(lastEpoch + 1);
    },
    replaceSession(replaced) {
      unwatch();
      session = replaced;
      unwatch = watchSession();
      outbox.reset();
      pump.schedule();
    },
    end() {
      isEnding = true;
      const ended = answers.wait("ended");
      hub.send({ type: "end" });
      return ended;
    },
    close() {
      unwatch();
      pump.stop();
      hub.close();
    },
  };
}

/** Answers of the hub that a caller waits for, for some seconds. */
function createAnswers() {
  const waiting = new Map<string, (hasArrived: boolean) => void>();
  return {
    /** False if it did not arrive in time. */
    wait: (key: string): Promise<boolean> =>
      new Promise((resolve) => {
        const done = (hasArrived: boolean): void => {
          clearTimeout(timer);
          waiting.delete(key);
          resolve(hasArrived);
        };
        const timer = setTimeout(() => done(false), HUB_MS);
        waiting.set(key, done);
      }),
    arrived: (key: string): void => waiting.get(key)?.(true),
    /** A new epoch has all invites, so every answer but the end of the share has arrived. */
    arrivedAll() {
      for (const [key, done] of waiting) if (key !== "ended") done(true);
    },
  };
}
