/** A hub on loopback with a store of its own, and clients that speak its protocol without any key. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileStore } from "../../hub/file-store.ts";
import { type Hub, type HubOptions, openHub } from "../../hub/hub.ts";
import type { HubLimits } from "../../hub/limits.ts";
import { hashToken } from "../../hub/record-keeper.ts";
import { randomBytes, toBase64 } from "../../protocol/share/encode.ts";
import {
  decodeHubMessage,
  encodeHubMessage,
  type GuestMessage,
  HUB_PROTOCOL,
  type InviteEntry,
  type PublisherMessage,
  parseToGuest,
  parseToPublisher,
  type ToGuest,
  type ToPublisher,
} from "../../protocol/share/hub-messages.ts";

export interface TestHub {
  url: string;
  folder: string;
  lines: string[];
  /** Ends it, and starts another one with the same store at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestHub(
  limits: Partial<HubLimits> = {},
  { page }: Pick<HubOptions, "page"> = {},
): Promise<TestHub> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-hub-"));
  const lines: string[] = [];
  const start = async (port: number): Promise<Hub> =>
    openHub({
      host: "127.0.0.1",
      port,
      store: await openFileStore(folder),
      limits,
      log: (line) => lines.push(line),
      ...(page && { page }),
    });
  let hub = await start(0);
  const { port } = hub;
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    lines,
    async restart() {
      await hub.close();
      hub = await start(port);
    },
    async close() {
      await hub.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const randomId = (): string => toBase64(randomBytes(16));
export const randomToken = (): string => toBase64(randomBytes(32));

export interface RawClient<Sent, Received> {
  send(header: Sent, body?: Uint8Array): void;
  /** The next message of this type; those before it are skipped. */
  next<K extends string>(type: K): Promise<Extract<Received, { type: K }> & { body: Uint8Array }>;
  /** Everything received and not taken yet. */
  received: (Received & { body: Uint8Array })[];
  pause(): void;
  resume(): void;
  close(): Promise<void>;
  /** Breaks the connection. */
  terminate(): void;
  closed: Promise<unknown>;
}

export const openRawPublisher = (url: string): Promise<RawClient<PublisherMessage, ToPublisher>> =>
  openRaw(`${url}/publish`, (bytes) => decodeHubMessage(parseToPublisher, bytes));
export const openRawGuest = (url: string): Promise<RawClient<GuestMessage, ToGuest>> =>
  openRaw(`${url}/join`, (bytes) => decodeHubMessage(parseToGuest, bytes));

async function openRaw<Sent extends PublisherMessage | GuestMessage, Received extends { type: string }>(
  url: string,
  decode: (bytes: Uint8Array) => { header: Received; body: Uint8Array } | null,
): Promise<RawClient<Sent, Received>> {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(url.replace("http", "ws"), HUB_PROTOCOL);
  socket.on("error", () => undefined);
  const received: (Received & { body: Uint8Array })[] = [];
  let wake: () => void = () => undefined;
  socket.on("message", (data: Buffer) => {
    const decoded = decode(data);
    if (decoded) received.push({ ...decoded.header, body: decoded.body });
    wake();
  });
  const closed = once(socket, "close").then(() => wake());
  await once(socket, "open");
  return {
    received,
    send: (header, body) => socket.send(encodeHubMessage(header, body)),
    async next(type) {
      for (;;) {
        const message = received.shift();
        if (message?.type === type) return message as never;
        if (message) continue;
        if (socket.readyState === socket.CLOSED) throw new Error(`The hub closed the connection before \`${type}\`.`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    async close() {
      socket.close();
      await closed;
    },
    terminate: () => socket.terminate(),
    closed,
  };
}

/** An invite as the hub sees it, and what a guest with its link presents. */
export function createInvite(expiresIn = 60_000): { entry: InviteEntry; token: string } {
  const token = randomToken();
  return { entry: { invite: randomId(), tokenHash: hashToken(token), expiresIn, key: randomToken() }, token };
}

/** A share with a publisher that has begun its first epoch. */
export async function openRawShare(url: string, invites: readonly InviteEntry[], share = randomId()) {
  const token = randomToken();
  const publisher = await openRawPublisher(url);
  publisher.send({ type: "publish", share, token });
  const { epoch, seq } = await publisher.next("publishing");
  publisher.send({ type: "epoch", epoch: epoch + 1, invites: [...invites] });
  await publisher.next("epochBegun");
  return { publisher, share, token, epoch: epoch + 1, seq };
}

export async function joinRaw(
  url: string,
  share: string,
  { entry, token }: { entry: InviteEntry; token: string },
  more: Partial<Extract<GuestMessage, { type: "join" }>> = {},
) {
  const guest = await openRawGuest(url);
  guest.send({ type: "join", share, invite: entry.invite, token, guest: randomId(), ...more });
  return guest;
}
