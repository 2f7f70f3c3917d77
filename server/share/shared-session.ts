/** One session that is shared: its record, its publisher and its guests. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import type { ParticipantList } from "../../protocol/participants.ts";
import { fromBase64, randomBytes, toBase64 } from "../../protocol/share/encode.ts";
import { deriveInviteKeys, fingerprint } from "../../protocol/share/invite-keys.ts";
import { formatShareLink } from "../../protocol/share/share-link.ts";
import type { GuestRole, ShareRow } from "../../protocol/share-methods.ts";
import type { ApprovalPolicy } from "../../protocol/together-events.ts";
import type { Connection, Peer } from "../rpc/core.ts";
import { SERVER_AUTHOR, type Session } from "../session/session.ts";
import { release } from "../together/wheel.ts";
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
  setApprovals(policy: ApprovalPolicy, by: Author): Promise<void>;
  participantsChanged(participants: ParticipantList): void;
  replaceSession(session: SharedLog): void;
  /** Lets the hub delete everything. False if it could not be reached. */
  end(): Promise<boolean>;
  close(): void;
}

/** What is shared, and where decisions about it are written. */
export type SharedLog = Pick<Session, "view" | "watch" | "decide">;

const EXPIRES_MS = 7 * 24 * 60 * 60 * 1000;
const MAX_USED_BY = 100;

export function openSharedSession(
  first: ShareRecord,
  session: SharedLog,
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
  const releaseWheel = (hasLeft: (driver: string) => boolean): void => {
    watched
      .decide((view) => release(view, hasLeft), SERVER_AUTHOR)
      .catch((error) =>
        report(`the wheel of session ${record.session} could not be released: ${describeError(error)}`),
      );
  };
  const publisher = openPublisher(() => record, session, {
    epochBegan(epoch) {
      guests?.close();
      guests = createGuests(epoch, {
        record: () => record,
        approvals: () => watched.view().approvals,
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
        left: (author) => releaseWheel((driver) => driver === author),
        report,
      });
      // All guests of the epoch before have left.
      releaseWheel(() => true);
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
        approvals: view.approvals ?? { type: "owner" },
        invites: record.invites.map(({ id, secret: _, ...invite }) => ({ invite: id, ...invite })),
        guests: guests?.list() ?? [],
      };
    },
    async invite(options) {
      const invite = await createInvite(record, options);
      await save({ invites: [...record.invites, invite] });
      await publisher.addInvite(invite);
      return { invite: invite.id, link: await linkOf(record, invite) };
    },
    rename: (id, name) => changeInvite(id, (invite) => ({ ...invite, name })),
    async revoke(id) {
      await changeInvite(id, (invite) => ({ ...invite, revoked: true }));
      await publisher.renewEpoch();
    },
    async setApprovals(policy, by) {
      checkPolicy(policy, record);
      await watched.decide(() => ({ type: "approvals.changed", policy }), by);
      guests?.approvalsChanged();
    },
    participantsChanged: publisher.participantsChanged,
    replaceSession(replaced) {
      watched = replaced;
      publisher.replaceSession(replaced);
    },
    async end() {
      await save({ ending: true });
      // What was allowed to guests of this share does not apply to those of another one.
      await watched.decide(({ approvals }) => (approvals ? ownerOnly : null), SERVER_AUTHOR);
      await watched.decide(({ wheel }) => (wheel?.mode === "one" ? everyoneDrives : null), SERVER_AUTHOR);
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

const ownerOnly = { type: "approvals.changed", policy: { type: "owner" } } as const;
const everyoneDrives = { type: "wheel.moved", mode: "everyone", driver: null } as const;

/** A policy that no guest could ever meet is refused. */
function checkPolicy(policy: ApprovalPolicy, { invites }: ShareRecord): void {
  const approvers = invites.filter(
    ({ role, revoked, expiresAt }) => role === "approver" && !revoked && expiresAt > Date.now(),
  );
  if (policy.type === "person" && !approvers.some(({ id }) => id === policy.invite))
    throw new TuttiError(
      "usage",
      `The invite ${policy.invite} does not give the role approver. Create one with \`tutti share --role approver\`.`,
    );
  if (policy.type === "count" && approvers.length < policy.needed)
    throw new TuttiError(
      "usage",
      `${policy.needed} approvals need ${policy.needed} links with the role approver; there are ${approvers.length}. Create others with \`tutti share --role approver\`.`,
    );
}

async function createInvite(
  { share }: ShareRecord,
  { role, expiresIn = EXPIRES_MS, name = "" }: NewInvite,
): Promise<InviteRecord> {
  const secret = randomBytes(32);
  const { id } = await deriveInviteKeys(share, secret);
  const createdAt = Date.now();
  return {
    id,
    secret: toBase64(secret),
    role,
    name,
    createdAt,
    expiresAt: createdAt + expiresIn,
    revoked: false,
    usedBy: [],
  };
}

async function linkOf(record: ShareRecord, invite: InviteRecord): Promise<string> {
  const { publicKey } = await ownerKey(record);
  const owner = await fingerprint(publicKey);
  const secret = fromBase64(invite.secret) ?? new Uint8Array();
  return formatShareLink({ hub: record.hub, share: record.share, secret, owner });
}
