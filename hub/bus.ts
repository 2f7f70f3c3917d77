/** What the nodes of a hub tell each other about a share while they serve it, as a port. Nothing of it is stored. */

export type NodeMessage =
  /** From a guest of another node to the publisher. */
  | { type: "intent"; guest: string; invite: string }
  /** From the publisher to a guest of another node. */
  | { type: "direct"; guest: string }
  | { type: "disconnect"; guest: string }
  /** A guest has joined at this node, so an older connection of it is over. */
  | { type: "joined"; guest: string }
  | { type: "left"; guest: string }
  /** Whether the publisher is connected to this node; repeated while it is. */
  | { type: "owner"; online: boolean }
  | { type: "askOwner" };

export interface BusChannel {
  /** To all other nodes that serve the share. */
  send(message: NodeMessage, body?: Uint8Array): void;
  close(): void;
}

export interface HubBus {
  open(share: string, take: (message: NodeMessage, body: Uint8Array) => void): BusChannel;
  /** Calls the listener when this node loses the others, and when it has found them again. */
  onReachable(listener: (isReachable: boolean) => void): void;
}
