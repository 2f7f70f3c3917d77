/** One session that is shared: its record, its publisher and its guests. */
import { TuttiError } from "../../protocol/errors.ts";
import type { ParticipantList } from "../../protocol/participants.ts";
import { randomBytes, toBase64 } from "../../protocol/share/encode.ts";
import { deriveInviteKeys, fingerprint } from "../../protocol/share/invite-keys.ts";
import { formatShareLink } from "../../protocol/share/share-link.ts";
import type { GuestRole, ShareRow } from "../../protocol/share-methods.ts";
import type { Connection, Peer } from "../rpc/core.ts";
import type { WatchableSession } from "../rpc/subscriptions.ts";
import type { Transport } from "../transport/transport.ts";
import { ownerKey } from "./epoch.ts";
import { createGuests, type Guests } from "./guests.ts";
import { openPublisher } from "./publisher.ts";
import type { InviteRecord, ShareRecord, ShareRecords } from "./share-record.ts";

export interface SharedSessionDeps {
  records: ShareRecords;
  ownerName: string;
  accept(transport: Transport, peer: Peer): Connection;
  report(problem: string): void;
}

export interface NewInvite {
  role: GuestRole;
  expiresIn?: number | undefined;
  name?: string | undefined;
}

export interface SharedSession {
  /** Rejects with the problem if the hub does not accept this share within some seconds. */
  connected(): Promise<void>;
  row(): ShareRow;
  invite(options: NewInvite): Promise<{ invite: string; link: string }>;
  rename(invite: string, name: string): Promise<void>;
  revoke(invite: string): Promise<void>;
  setApprovals(approvals: ShareRecord["approvals"]): Promise<void>;
  participantsChanged(participants: ParticipantList): void;
  replaceSession(session: WatchableSession): void;
  /** Lets the hub delete everything. False if it could not be reached. */
  end(): Promise<boolean>;
  close(): void;
}

const EXPIRES_MS = 7 * 24 * 60 * 60 * 1000;
const MAX_USED_BY = 100;

export function openSharedSession(
  first: ShareRecord,
  session: WatchableSession,
  { records, ownerName, accept, report }: SharedSessionDeps,
): SharedSession {
  let record = first;
  let watched = session;
  let guests: Guests | null = null;
  let saving: Promise<void> = Promise.resolve();

  const save = (change: Partial<ShareRecord>): Promise<void> => {
    record = { ...record, ...change };
    saving = saving.catch(() => undefined).then(() => records.save(record));
    return saving;
  };
  const changeInvite = (id: string, change: (invite: InviteRecord) => InviteRecord): Promise<void> => {
    if (!record.invites.some((invite) => invite.id === id))
      throw new TuttiError("notFound", `This session has no invite ${id}. \`tutti share list\` shows its invites.`);
    return save({ invites: record.invites.map((invite) => (invite.id === id ? change(invite) : invite)) });
  };
  const publisher = openPublisher(() => record, session, {
    epochBegan(epoch) {
      guests?.close();
      guests = createGuests(epoch, {
        record: () => record,
        session: {
          id: record.session,
          cwd: () => watched.view().cwd,
          questionKind: (id) => watched.view().questions.find((question) => question.id === id)?.kind ?? null,
        },
        ownerName,
        publisher,
        accept,
        joined(id, name) {
          const add = (invite: InviteRecord): InviteRecord => ({
            ...invite,
            usedBy: [...invite.usedBy.filter((one) => one !== name), name].slice(-MAX_USED_BY),
          });
          changeInvite(id, add).catch((error) => report(`the record of a share could not be saved: ${error}`));
        },
        report,
      });
    },
    intent: (guest, invite, sealed) => guests?.receive(guest, invite, sealed),
    left: (guest) => guests?.left(guest),
    stateChanged() {
      const { state, problem } = publisher.state();
      if (state === "failed") report(`the share of session ${record.session} has stopped: ${problem}`);
    },
  });

  return {
    connected: publisher.connected,
    row() {
      const view = watched.view();
      return {
        session: record.session,
        title: view.title,
        hub: record.hub,
        local: record.local !== undefined,
        ...publisher.state(),
        approvals: record.approvals,
        invites: record.invites.map(({ id, secret: _, ...invite }) => ({ invite: id, ...invite })),
        guests: guests?.list() ?? [],
      };
    },
    async invite({ role, expiresIn = EXPIRES_MS, name = "" }) {
      const secret = randomBytes(32);
      const { id } = await deriveInviteKeys(record.share, secret);
      const createdAt = Date.now();
      const invite: InviteRecord = {
        id,
        secret: toBase64(secret),
        role,
        name,
        createdAt,
        expiresAt: createdAt + expiresIn,
        revoked: false,
        usedBy: [],
      };
      await save({ invites: [...record.invites, invite] });
      await publisher.addInvite(invite);
      const { publicKey } = await ownerKey(record);
      const owner = await fingerprint(publicKey);
      return { invite: id, link: formatShareLink({ hub: record.hub, share: record.share, secret, owner }) };
    },
    rename: (id, name) => changeInvite(id, (invite) => ({ ...invite, name })),
    async revoke(id) {
      await changeInvite(id, (invite) => ({ ...invite, revoked: true }));
      await publisher.renewEpoch();
    },
    async setApprovals(approvals) {
      await save({ approvals });
      guests?.approvalsChanged();
    },
    participantsChanged: publisher.participantsChanged,
    replaceSession(replaced) {
      watched = replaced;
      publisher.replaceSession(replaced);
    },
    async end() {
      await save({ ending: true });
      const isDeleted = await publisher.end();
      if (isDeleted) records.remove(record.session);
      return isDeleted;
    },
    close() {
      guests?.close();
      publisher.close();
    },
  };
}
