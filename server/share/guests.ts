/**
 * The guests of a shared session in one epoch. Each guest's first message is signed by the key of its invite, and brings a key of its own
 * that must sign all others, so no guest and no hub can act for another. What they may call is decided by the owner's list of invites.
 */
import { describeError } from "../../protocol/errors.ts";
import { printable } from "../../protocol/printable.ts";
import { fromBase64 } from "../../protocol/share/encode.ts";
import { deriveInviteKeys, importPublicKey } from "../../protocol/share/invite-keys.ts";
import { decodeIntent, encodeContent } from "../../protocol/share/messages.ts";
import {
  type MessageOpener,
  type MessageSealer,
  openMessageOpener,
  openMessageSealer,
} from "../../protocol/share/seal.ts";
import type { GuestRole } from "../../protocol/share-methods.ts";
import type { ApprovalPolicy } from "../../protocol/together-events.ts";
import type { Connection, Peer } from "../rpc/core.ts";
import { countsVote } from "../together/approvals.ts";
import type { Transport } from "../transport/transport.ts";
import type { Epoch } from "./epoch.ts";
import { createGuestScope, type SharedSession } from "./guest-scope.ts";
import { createGuestTransport } from "./guest-transport.ts";
import type { Publisher } from "./publisher.ts";
import type { InviteRecord, ShareRecord } from "./share-record.ts";

export interface GuestsDeps {
  record(): ShareRecord;
  /** Whose answers to approval requests count. */
  approvals(): ApprovalPolicy | undefined;
  session: SharedSession;
  ownerName: string;
  publisher: Pick<Publisher, "sendDirect" | "disconnect" | "lastSeq" | "backlog">;
  accept(transport: Transport, peer: Peer): Connection;
  /** A guest has joined with this invite. */
  joined(invite: string, name: string): void;
  /** `author`: of the events of a guest that has left. */
  left(author: string): void;
  report(problem: string): void;
}

export interface GuestRow {
  id: string;
  name: string;
  role: GuestRole;
  invite: string;
}

export interface Guests {
  list(): GuestRow[];
  receive(guest: string, invite: string, sealed: Uint8Array): void;
  left(guest: string): void;
  /** Guests with the role approver join again, with other rights. */
  approvalsChanged(): void;
  close(): void;
}

interface Guest extends GuestRow {
  opener: MessageOpener;
  sealer: MessageSealer;
  key: CryptoKey;
  message(text: string): void;
  close(): void;
}

const MAX_NAME = 40;
const reservedNames = new Set(["", "you", "owner", "host", "system", "server", "tutti", "agent", "assistant", "user"]);

/** `epoch`: the one that the guests belong to. Create another one for each. */
export function createGuests(epoch: Epoch, deps: GuestsDeps): Guests {
  const { publisher, session } = deps;
  const { share } = deps.record();
  const guests = new Map<string, Guest>();
  /** Messages of one guest are opened in order. */
  const work = new Map<string, Promise<void>>();
  let isClosed = false;

  const channel = (guest: string, purpose: "intent" | "direct") => ({
    share,
    epoch: epoch.number,
    epochKey: epoch.key,
    purpose,
    guest,
  });
  const findInvite = (id: string): InviteRecord | undefined =>
    deps.record().invites.find((invite) => invite.id === id && !invite.revoked && invite.expiresAt > Date.now());

  const join = async (id: string, inviteId: string, sealed: Uint8Array): Promise<void> => {
    const invite = findInvite(inviteId);
    if (!invite) return publisher.disconnect(id);
    const { signing } = await deriveInviteKeys(share, fromBase64(invite.secret) ?? new Uint8Array());
    const opener = await openMessageOpener(channel(id, "intent"));
    const content = await opener.open(sealed, await importPublicKey(signing.publicKey));
    const intent = content && decodeIntent(content);
    const key = intent?.type === "join" ? fromBase64(intent.key) : null;
    if (intent?.type !== "join" || key?.length !== 32 || isClosed) return publisher.disconnect(id);
    const sealer = await openMessageSealer(channel(id, "direct"));
    const name = cleanName(intent.name, deps.ownerName);
    const role = effectiveRole(invite, deps.approvals());
    const guest: Guest = {
      id,
      name,
      role,
      invite: invite.id,
      opener,
      sealer,
      key: await importPublicKey(key),
      message: () => undefined,
      close: () => undefined,
    };
    guests.set(id, guest);
    deps.joined(invite.id, name);
    await send(guest, { type: "welcome", nonce: intent.nonce, session: session.id, seq: publisher.lastSeq() });
    serve(guest);
  };
  const send = async (guest: Guest, content: Parameters<typeof encodeContent>[0]): Promise<void> =>
    publisher.sendDirect(guest.id, await guest.sealer.seal(encodeContent(content)));

  const serve = (guest: Guest): void => {
    const transport = createGuestTransport({
      send: (text) => send(guest, { type: "rpc", text }),
      backlog: publisher.backlog,
      close() {
        publisher.disconnect(guest.id);
        remove(guest);
      },
      report: deps.report,
    });
    guest.message = transport.receive;
    guest.close = transport.ended;
    const id = authorId(guest.id);
    deps.accept(transport, {
      id,
      author: { kind: "person", id, name: guest.name },
      role: guest.role,
      guestOf: session.id,
      invite: guest.invite,
      scope: createGuestScope(session, guest.role),
    });
  };
  const remove = (guest: Guest): void => {
    if (guests.get(guest.id) === guest) {
      guests.delete(guest.id);
      deps.left(authorId(guest.id));
    }
    guest.close();
  };
  const receiveNext = async (id: string, invite: string, sealed: Uint8Array): Promise<void> => {
    if (isClosed) return;
    const guest = guests.get(id);
    if (!guest) return join(id, invite, sealed);
    const content = await guest.opener.open(sealed, guest.key);
    // Not from this guest, or sent twice by the hub: it has no effect.
    const intent = content && decodeIntent(content);
    if (intent?.type === "rpc" && guests.get(id) === guest) guest.message(intent.text);
  };

  return {
    list: () => [...guests.values()].map(({ id, name, role, invite }) => ({ id, name, role, invite })),
    receive(id, invite, sealed) {
      const before = work.get(id) ?? Promise.resolve();
      const done = before
        .then(() => receiveNext(id, invite, sealed))
        .catch((error) => deps.report(`a message of a guest could not be opened: ${describeError(error)}`))
        .finally(() => {
          if (work.get(id) === done) work.delete(id);
        });
      work.set(id, done);
    },
    left(id) {
      const guest = guests.get(id);
      if (guest) remove(guest);
    },
    approvalsChanged() {
      for (const guest of [...guests.values()])
        if (findInvite(guest.invite)?.role === "approver") {
          publisher.disconnect(guest.id);
          remove(guest);
        }
    },
    close() {
      isClosed = true;
      for (const guest of [...guests.values()]) remove(guest);
    },
  };
}

/** Of a guest's events, and of the guest as a participant. */
const authorId = (guest: string): string => `guest ${guest}`;

const effectiveRole = ({ id, role }: InviteRecord, policy: ApprovalPolicy | undefined): GuestRole =>
  role === "approver" && !countsVote(policy, id) ? "driver" : role;

/** A name that cannot be taken for the owner, the agent or the program, nor change how other text looks. */
export function cleanName(name: string, ownerName: string): string {
  const visible = [...printable(name).normalize("NFKC").replaceAll(/\s+/g, " ").trim()].slice(0, MAX_NAME).join("");
  const compared = visible.toLowerCase();
  const isTaken = reservedNames.has(compared) || compared === ownerName.toLowerCase();
  return isTaken ? `${visible === "" ? "Guest" : visible} (guest)` : visible;
}
