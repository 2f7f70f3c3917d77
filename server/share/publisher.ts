/**
 * Publishes a session to its hub, sealed. It only watches the session: a hub that is slow or gone never delays it. Each connection begins a
 * new epoch, with a new key and a snapshot, so nothing has to be remembered from the one before.
 */
import { type HubConnection, type HubError, openPublisherConnection } from "../../client/hub-connection.ts";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { Participant } from "../../protocol/method.ts";
import type { Bytes } from "../../protocol/share/encode.ts";
import type { PublisherMessage, ToPublisher } from "../../protocol/share/hub-messages.ts";
import { encodeContent } from "../../protocol/share/messages.ts";
import type { WatchableSession } from "../rpc/subscriptions.ts";
import { createEntry, createEpoch, type Epoch, listEntries } from "./epoch.ts";
import { createOutbox } from "./outbox.ts";
import type { InviteRecord, ShareRecord } from "./share-record.ts";

export interface PublisherEvents {
  /** An epoch began: guests must join again, and messages of the one before are not valid any more. */
  epochBegan(epoch: Epoch): void;
  intent(guest: string, invite: string, sealed: Uint8Array): void;
  left(guest: string): void;
  stateChanged(): void;
}

export interface PublisherState {
  state: "connecting" | "connected" | "failed";
  problem: string;
}

export interface Publisher {
  state(): PublisherState;
  /** The number of the last frame. */
  lastSeq(): number;
  participantsChanged(participants: readonly Participant[]): void;
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
const BATCH_MS = 16;
const MAX_UNSENT = 1024 * 1024;
const MAX_UNSTORED = 4 * 1024 * 1024;
const HUB_MS = 5_000;

export function openPublisher(record: () => ShareRecord, first: WatchableSession, events: PublisherEvents): Publisher {
  let session = first;
  const outbox = createOutbox(() => session.view());
  /** Set while frames may be published. */
  let stream: Epoch | null = null;
  /** The epoch that the hub has not accepted yet. */
  let next: Epoch | null = null;
  let lastEpoch = 0;
  let lastSeq = 0;
  /** Frames that are not known to be on the hub's disk. */
  const unstored: { seq: number; size: number }[] = [];
  let batch: NodeJS.Timeout | undefined;
  let isPumping = false;
  let ending: ((deleted: boolean) => void) | null = null;
  /** Resolved by what arrives from the hub, or after some seconds. */
  const waiting = new Map<string, () => void>();
  const waitFor = (key: string): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(key);
        resolve();
      };
      const timer = setTimeout(done, HUB_MS);
      waiting.set(key, done);
    });

  const watchSession = (): (() => void) =>
    session.watch((envelope) => {
      outbox.add(envelope);
      schedule();
    });
  const schedule = (): void => {
    batch ??= setTimeout(() => {
      batch = undefined;
      pump();
    }, BATCH_MS);
  };
  let unwatch = watchSession();

  /** Seals and sends what waits, one frame after the other. */
  const pump = (): void => {
    if (isPumping) return;
    isPumping = true;
    publishPending()
      .catch((error: unknown) => hub.fail(`The session could not be sealed: ${describeError(error)}.`))
      .finally(() => {
        isPumping = false;
      });
  };
  const publishPending = async (): Promise<void> => {
    for (;;) {
      const current = stream;
      if (current === null || !canSend()) return;
      const content = outbox.take();
      if (content === null) return;
      const snapshot = content.type === "snapshot";
      const { position, bytes } = await current.sealer.seal(encodeContent(content), snapshot);
      // Another epoch has begun: it starts with a snapshot.
      if (stream !== current) continue;
      outbox.sealed(content, bytes.length);
      lastSeq = position.seq;
      unstored.push({ seq: position.seq, size: bytes.length });
      hub.send({ type: "frame", epoch: position.epoch, seq: position.seq, snapshot }, bytes);
    }
  };
  const canSend = (): boolean =>
    hub.backlog() < MAX_UNSENT && unstored.reduce((sum, { size }) => sum + size, 0) < MAX_UNSTORED;

  const beginEpoch = async (number: number): Promise<void> => {
    stream = null;
    lastEpoch = number;
    const epoch = await createEpoch(record(), number, lastSeq);
    const invites = await listEntries(record(), epoch);
    next = epoch;
    hub.send({ type: "epoch", epoch: number, invites });
  };
  const receive = async (header: ToPublisher, body: Uint8Array): Promise<void> => {
    switch (header.type) {
      case "publishing":
        if (ending) return hub.send({ type: "end" });
        lastSeq = Math.max(lastSeq, header.seq);
        return beginEpoch(header.epoch + 1);
      case "epochBegun":
        if (header.epoch !== next?.number) return;
        stream = next;
        next = null;
        unstored.length = 0;
        outbox.reset();
        events.epochBegan(stream);
        hub.succeeded();
        for (const done of waiting.values()) done();
        return pump();
      case "invited":
        return waiting.get(header.invite)?.();
      case "stored":
        while ((unstored[0]?.seq ?? Number.POSITIVE_INFINITY) <= header.seq) unstored.shift();
        return pump();
      case "intent":
        return events.intent(header.guest, header.invite, body);
      case "left":
        return events.left(header.guest);
      case "ended":
        return ending?.(true);
      default:
    }
  };
  const hub = keepConnected(record(), {
    receive,
    lost(error) {
      stream = null;
      next = null;
      if (error?.code === "ended" || error?.code === "denied") ending?.(true);
      if (error && permanent.has(error.code)) waiting.get("connected")?.();
    },
    stateChanged: events.stateChanged,
  });

  return {
    state: hub.state,
    lastSeq: () => lastSeq,
    participantsChanged(changed) {
      outbox.setParticipants(changed);
      schedule();
    },
    sendDirect: (guest, sealed) => hub.send({ type: "direct", guest }, sealed),
    backlog: hub.backlog,
    disconnect: (guest) => hub.send({ type: "disconnect", guest }),
    async addInvite(invite) {
      const current = stream;
      // Without an epoch, the next one has it.
      if (current === null) return;
      const entry = await createEntry(record(), invite, current);
      if (stream !== current) return;
      const invited = waitFor(entry.invite);
      hub.send({ type: "invite", invite: entry });
      await invited;
    },
    async connected() {
      if (stream === null && hub.state().state !== "failed") await waitFor("connected");
      if (stream === null) throw new TuttiError("failed", hub.state().problem || NO_ANSWER);
    },
    async renewEpoch() {
      if (stream !== null) await beginEpoch(lastEpoch + 1);
    },
    replaceSession(replaced) {
      unwatch();
      session = replaced;
      unwatch = watchSession();
      outbox.reset();
      schedule();
    },
    end() {
      return new Promise((resolve) => {
        const timer = setTimeout(() => ending?.(false), HUB_MS);
        ending = (deleted) => {
          clearTimeout(timer);
          resolve(deleted);
        };
        hub.send({ type: "end" });
      });
    },
    close() {
      unwatch();
      clearTimeout(batch);
      hub.close();
    },
  };
}

const RETRY_MS = [200, 500, 1_000, 2_000, 5_000, 10_000];
const permanent: ReadonlySet<string> = new Set(["denied", "ended", "fenced", "quota", "invalid", "version"]);

interface HubLink {
  state(): PublisherState;
  /** Does nothing while there is no connection. */
  send(header: PublisherMessage, body?: Uint8Array): void;
  backlog(): number;
  /** The hub has accepted this publisher. */
  succeeded(): void;
  /** Gives up. */
  fail(problem: string): void;
  close(): void;
}

interface HubLinkEvents {
  receive(header: ToPublisher, body: Uint8Array): Promise<void>;
  lost(error: HubError | null): void;
  stateChanged(): void;
}

/** Connects to the hub, and again when the connection was lost, except after an error that would come again. */
function keepConnected({ hub, share, token }: ShareRecord, events: HubLinkEvents): HubLink {
  let state: PublisherState = { state: "connecting", problem: "" };
  let connection: HubConnection<PublisherMessage> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let attempts = 0;
  let isClosed = false;
  const setState = (next: PublisherState): void => {
    state = next;
    events.stateChanged();
  };
  const disconnected = (error: HubError | null): void => {
    connection = null;
    if (isClosed) return;
    events.lost(error);
    if (state.state === "failed") return;
    if (error && permanent.has(error.code)) setState({ state: "failed", problem: error.message });
    else tryAgain(error?.message ?? "The connection to the hub was lost.");
  };
  const tryAgain = (problem: string): void => {
    setState({ state: "connecting", problem });
    const wait = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 0;
    attempts += 1;
    retry = setTimeout(connect, wait).unref();
  };
  const connect = async (): Promise<void> => {
    try {
      const opened = await openPublisherConnection(hub, { message: events.receive, closed: disconnected });
      if (isClosed) return opened.close();
      connection = opened;
      opened.send({ type: "publish", share, token });
    } catch (error) {
      if (!isClosed) tryAgain(describeError(error));
    }
  };
  void connect();
  return {
    state: () => state,
    send: (header, body) => connection?.send(header, body),
    backlog: () => connection?.backlog() ?? 0,
    succeeded() {
      attempts = 0;
      setState({ state: "connected", problem: "" });
    },
    fail(problem) {
      setState({ state: "failed", problem });
      connection?.close();
    },
    close() {
      isClosed = true;
      clearTimeout(retry);
      connection?.close();
    },
  };
}
