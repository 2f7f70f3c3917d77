/** The other nodes that serve a share: whether its owner is connected to one of them, and messages to and from them. */
import type { HubBus, NodeMessage } from "./bus.ts";

export interface Peers {
  /** Resolves when it is known whether another node has the owner. */
  ready: Promise<void>;
  send(message: NodeMessage, body?: Uint8Array): void;
  /** Whether the owner is connected to another node. */
  haveOwner(): boolean;
  /** The owner has written through another node. */
  noteOwner(): void;
  /** Whether the owner is connected to this node. */
  setOwner(isHere: boolean): void;
  close(): void;
}

export interface PeerEvents {
  received(message: Exclude<NodeMessage, { type: "owner" | "askOwner" }>, body: Uint8Array): void;
  /** `haveOwner` returns something else. */
  ownerChanged(): void;
}

const BEAT_MS = 2_000;
/** A node that was killed says nothing. */
const SILENT_MS = 3 * BEAT_MS;
/** A node that has the owner answers much sooner. */
const ANSWER_MS = 500;

const alone: Peers = {
  ready: Promise.resolve(),
  noteOwner: () => undefined,
  send: () => undefined,
  haveOwner: () => false,
  setOwner: () => undefined,
  close: () => undefined,
};

export function openPeers(share: string, bus: HubBus | undefined, events: PeerEvents): Peers {
  if (!bus) return alone;
  let isHere = false;
  let isElsewhere = false;
  let silent: NodeJS.Timeout | undefined;
  let beat: NodeJS.Timeout | undefined;
  const { promise: ready, resolve: setReady } = Promise.withResolvers<void>();
  setTimeout(setReady, ANSWER_MS).unref();
  const setElsewhere = (online: boolean): void => {
    clearTimeout(silent);
    setReady();
    if (online) silent = setTimeout(() => setElsewhere(false), SILENT_MS).unref();
    if (isElsewhere === online) return;
    isElsewhere = online;
    events.ownerChanged();
  };
  const announce = (): void => channel.send({ type: "owner", online: isHere });
  const channel = bus.open(share, (message, body) => {
    if (message.type === "owner") setElsewhere(message.online);
    else if (message.type !== "askOwner") events.received(message, body);
    else if (isHere) announce();
  });
  channel.send({ type: "askOwner" });
  return {
    ready,
    send: channel.send,
    noteOwner: () => setElsewhere(true),
    haveOwner: () => isElsewhere,
    setOwner(online) {
      if (online) setElsewhere(false);
      if (isHere === online) return;
      isHere = online;
      clearInterval(beat);
      if (online) beat = setInterval(announce, BEAT_MS).unref();
      announce();
    },
    close() {
      clearTimeout(silent);
      clearInterval(beat);
      if (isHere) channel.send({ type: "owner", online: false });
      channel.close();
    },
  };
}
