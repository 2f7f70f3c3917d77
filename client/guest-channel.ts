/**
 * A guest's connection to a shared session: opens what the owner has sealed, and seals what the guest sends. It ends when the stream is not
 * intact, and when the owner has changed the keys: then a new one joins again.
 */
import { TuttiError } from "../protocol/errors.ts";
import { equalBytes, fromBase64, randomBytes, toBase64 } from "../protocol/share/encode.ts";
import type { GuestMessage, ToGuest } from "../protocol/share/hub-messages.ts";
import {
  deriveInviteKeys,
  fingerprint,
  type InviteKeys,
  importPublicKey,
  type SigningKey,
  signingKey,
} from "../protocol/share/invite-keys.ts";
import {
  type DirectContent,
  decodeDirect,
  decodeFrame,
  encodeContent,
  type FrameContent,
} from "../protocol/share/messages.ts";
import {
  type MessageOpener,
  type MessageSealer,
  notIntact,
  openMessageOpener,
  openMessageSealer,
  openStreamReader,
  type StreamPosition,
} from "../protocol/share/seal.ts";
import type { ShareLink } from "../protocol/share/share-link.ts";
import { unwrapEpochKey } from "../protocol/share/wrapped-key.ts";
import type { GuestRole } from "../protocol/share-methods.ts";
import { type HubConnection, type HubError, openGuestConnection } from "./hub-connection.ts";

export interface GuestChannelEvents {
  frame(content: FrameContent): void;
  /** A JSON-RPC message of the owner's server. */
  rpc(text: string): void;
  /** Called once. `reason`: a sentence. */
  closed(reason: string): void;
}

export interface GuestChannel {
  /** The id of the shared session. */
  session: string;
  role: GuestRole;
  send(text: string): void;
  close(): void;
}

interface EpochKeys {
  number: number;
  role: GuestRole;
  open: Awaited<ReturnType<typeof openStreamReader>>;
  opener: MessageOpener;
  sealer: MessageSealer;
}

const OWNER_AWAY =
  "The owner of this session is not connected to the hub. Try again later; nothing of the session is lost.";
const KEYS_CHANGED = "The owner has changed the keys of this session";
const WELCOME_MS = 20_000;

/** Resolves when the owner's server has answered, and everything that it had published by then has been read. */
export async function openGuestChannel(
  link: ShareLink,
  name: string,
  events: GuestChannelEvents,
): Promise<GuestChannel> {
  const { share } = link;
  const invite = await deriveInviteKeys(share, link.secret);
  const own = await signingKey(randomBytes(32));
  const guest = toBase64(randomBytes(16));
  const nonce = toBase64(randomBytes(16));
  const joined = Promise.withResolvers<GuestChannel>();
  let keys: EpochKeys | null = null;
  let position: StreamPosition | null = null;
  /** The owner's answer, and the frame that must have arrived with it. */
  let welcome: Extract<DirectContent, { type: "welcome" }> | null = null;
  let reason: string | null = null;
  let sending: Promise<void> = Promise.resolve();
  let connection: HubConnection<GuestMessage>;

  const close = (why: string): void => {
    reason ??= why;
    joined.reject(new TuttiError("failed", why));
    connection.close();
  };
  const seal = (content: Parameters<typeof encodeContent>[0], key: SigningKey): void => {
    sending = sending
      .then(async () => {
        if (keys) connection.send({ type: "intent" }, await keys.sealer.seal(encodeContent(content), key));
      })
      .catch(() => close("A message could not be sealed"));
  };
  const finishJoin = (): void => {
    if (welcome === null || keys === null || (position?.seq ?? 0) < welcome.seq) return;
    joined.resolve({
      session: welcome.session,
      role: keys.role,
      send: (text) => seal({ type: "rpc", text }, own),
      close: () => close("The guest has left"),
    });
  };
  const receive = async (header: ToGuest, body: Uint8Array): Promise<void> => {
    switch (header.type) {
      case "key":
        if (keys !== null) return close(KEYS_CHANGED);
        keys = await openKeys(link, invite, guest, header.epoch, header.key);
        return seal({ type: "join", key: toBase64(own.publicKey), nonce, name }, invite.signing);
      case "owner":
        if (!header.online) close(OWNER_AWAY);
        return;
      case "frame": {
        if (keys === null) return;
        const opened = await keys.open(body, position);
        position = opened.position;
        const content = decodeFrame(opened.content);
        if (content) events.frame(content);
        return finishJoin();
      }
      case "direct": {
        const content = await keys?.opener.open(body);
        const message = content ? decodeDirect(content) : null;
        if (message?.type === "rpc") events.rpc(message.text);
        else if (message?.type === "welcome" && message.nonce === nonce) {
          welcome = message;
          finishJoin();
        }
        return;
      }
      default:
    }
  };
  connection = await openGuestConnection(link.hub, {
    message: receive,
    closed(error) {
      const why = reason ?? describeHubError(error);
      joined.reject(new TuttiError("failed", why, error !== null && isFinal(error) ? { ended: true } : undefined));
      events.closed(why);
    },
  });
  connection.send({ type: "join", share, invite: invite.id, token: invite.token, guest });
  const timer = setTimeout(() => close("The owner's server does not answer. Try again later."), WELCOME_MS);
  return joined.promise.finally(() => clearTimeout(timer));
}

async function openKeys(
  link: ShareLink,
  invite: InviteKeys,
  guest: string,
  epoch: number,
  wrapped: string,
): Promise<EpochKeys> {
  const { share } = link;
  const access = await unwrapEpochKey(
    invite.wrapping,
    { share, epoch, invite: invite.id },
    fromBase64(wrapped) ?? new Uint8Array(),
  );
  if (access === null) throw notIntact("the hub has sent a key that is not for this link");
  if (!equalBytes(await fingerprint(access.owner), link.owner)) throw notOwner();
  const { epochKey } = access;
  const channel = { share, epoch, epochKey, guest };
  return {
    number: epoch,
    role: access.role,
    open: await openStreamReader(share, epoch, epochKey, await importPublicKey(access.owner)),
    opener: await openMessageOpener({ ...channel, purpose: "direct" }),
    sealer: await openMessageSealer({ ...channel, purpose: "intent" }),
  };
}

const notOwner = (): TuttiError =>
  new TuttiError(
    "failed",
    "The link is damaged, or this hub stands in for the owner of the session. Copy the whole link again; if this repeats, do not trust this hub.",
  );

/** No later attempt with the same link can succeed. */
const isFinal = ({ code }: HubError): boolean => finalCodes.has(code);
const finalCodes: ReadonlySet<HubError["code"]> = new Set(["notFound", "expired", "revoked", "ended", "denied"]);

const describeHubError = (error: HubError | null): string => error?.message ?? "The connection to the hub was lost";
