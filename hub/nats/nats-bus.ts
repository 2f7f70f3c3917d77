/** Messages between the nodes of a hub, by NATS without storage. Large ones travel in pieces. */
import { randomBytes } from "node:crypto";
import type { HubBus, NodeMessage } from "../bus.ts";
import { type Nats, nodesSubject } from "./connection.ts";
import { decodeMessage, encodeMessage, PIECE_OVERHEAD, splitBytes } from "./pieces.ts";

interface Head {
  /** Of all pieces of one message. */
  id: string;
  index: number;
  count: number;
  message: NodeMessage;
}

/** Pieces of a message whose rest was lost do not stay. */
const MAX_UNFINISHED = 64;

export function openNatsBus({ connection, maxMessage }: Nats): HubBus {
  return {
    open(share, take) {
      const subject = nodesSubject(share);
      const unfinished = new Map<string, Uint8Array[]>();
      const subscription = connection.subscribe(subject, {
        callback(error, { data }) {
          const piece = error ? null : decodeMessage<Head>(data);
          if (!piece) return;
          const { head, bytes } = piece;
          const parts = [...(unfinished.get(head.id) ?? []), bytes];
          unfinished.delete(head.id);
          if (parts.length !== head.index + 1) return;
          if (parts.length === head.count) return take(head.message, Buffer.concat(parts));
          const [oldest] = unfinished.size >= MAX_UNFINISHED ? unfinished.keys() : [];
          if (oldest !== undefined) unfinished.delete(oldest);
          unfinished.set(head.id, parts);
        },
      });
      return {
        send(message, body = new Uint8Array()) {
          const id = randomBytes(9).toString("base64url");
          const parts = splitBytes(body, maxMessage - PIECE_OVERHEAD);
          for (const [index, bytes] of parts.entries())
            if (!connection.isClosed())
              connection.publish(
                subject,
                encodeMessage({ id, index, count: parts.length, message } satisfies Head, bytes),
              );
        },
        close: () => subscription.unsubscribe(),
      };
    },
    onReachable(listener) {
      const follow = async (): Promise<void> => {
        for await (const { type } of connection.status())
          if (type === "disconnect" || type === "reconnect") listener(type === "reconnect");
      };
      void follow();
    },
  };
}
