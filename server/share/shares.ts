/** All shared sessions of this server, and the methods about them. They go on after the server was started again. */
import { TuttiError } from "../../protocol/errors.ts";
import type { AllHandlers, ShareMethod } from "../../protocol/methods.ts";
import { randomBytes, toBase64 } from "../../protocol/share/encode.ts";
import type { Connection, Peer } from "../rpc/core.ts";
import type { Presence } from "../rpc/presence.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Transport } from "../transport/transport.ts";
import type { LocalHub } from "./local-hub.ts";
import { previewShare } from "./preview.ts";
import { openShareRecords, type ShareRecord } from "./share-record.ts";
import { openSharedSession, type SharedSession } from "./shared-session.ts";

export interface SharesDeps {
  dataDir: string;
  sessions: Pick<Sessions, "open" | "onOpened">;
  ownerName: string;
  /** The configured hub for sessions in this folder; undefined if there is none. */
  hubFor(cwd: string): Promise<string | undefined>;
  /** The configuration forbids sharing sessions in this folder. */
  isDisabled(cwd: string): Promise<boolean>;
  accept(transport: Transport, peer: Peer): Connection;
  presence: Pick<Presence, "participants" | "onChanged">;
  report(problem: string): void;
}

export interface Shares {
  handlers: Pick<AllHandlers, ShareMethod>;
  /** True while any session is shared: the server must not end because it is idle. */
  isActive(): boolean;
  close(): Promise<void>;
}

export async function openShares(deps: SharesDeps): Promise<Shares> {
  const { dataDir, sessions, report } = deps;
  const records = openShareRecords(dataDir);
  const shares = new Map<string, SharedSession>();
  const starting = new Map<string, Promise<SharedSession>>();
  let localHub: Promise<LocalHub> | null = null;

  const openHub = async (address: string | undefined): Promise<LocalHub> => {
    const { openLocalHub } = await import("./local-hub.ts");
    localHub ??= openLocalHub(dataDir, address, (line) => report(`hub: ${line}`));
    try {
      return await localHub;
    } catch (error) {
      localHub = null;
      throw error;
    }
  };
  const open = async (record: ShareRecord): Promise<SharedSession> => {
    const session = await sessions.open(record.session);
    if (await deps.isDisabled(session.view().cwd)) throw sharingDisabled();
    const shared = openSharedSession(record, session, { ...deps, records });
    shares.set(record.session, shared);
    shared.participantsChanged(deps.presence.participants(record.session));
    return shared;
  };
  const start = async (session: string, hub: string, local: LocalHub | null): Promise<SharedSession> => {
    const record: ShareRecord = {
      version: 1,
      session,
      hub,
      ...(local && { local: { host: local.host, port: local.port } }),
      share: toBase64(randomBytes(16)),
      token: toBase64(randomBytes(32)),
      seed: toBase64(randomBytes(32)),
      invites: [],
    };
    await records.save(record);
    const shared = await open(record);
    try {
      await shared.connected();
      return shared;
    } catch (error) {
      shared.close();
      shares.delete(session);
      records.remove(session);
      throw error;
    }
  };
  /** Two calls at once share a session once. */
  const startOnce = (session: string, hub: string, local: LocalHub | null): Promise<SharedSession> => {
    const known = starting.get(session);
    if (known) return known;
    const started = start(session, hub, local).finally(() => starting.delete(session));
    starting.set(session, started);
    return started;
  };

  deps.presence.onChanged((session, participants) => shares.get(session)?.participantsChanged(participants));
  sessions.onOpened((id, session) => shares.get(id)?.replaceSession(session));
  const resume = async (record: ShareRecord): Promise<void> => {
    try {
      if (record.local) await openHub(`${record.local.host}:${record.local.port}`);
      const shared = await open(record);
      if (record.ending && (await shared.end())) shares.delete(record.session);
    } catch (error) {
      report(`session ${record.session} is not shared any more: ${error instanceof Error ? error.message : error}`);
    }
  };
  await Promise.all(records.load(report).map(resume));

  const startShare: Shares["handlers"]["shareStart"] = async ({ session, hub, local, listen, ...invite }) => {
    const shared = shares.get(session);
    if (shared) {
      const { hub: current, local: isLocal } = shared.row();
      const isOther = (hub !== undefined && checkHub(hub) !== current) || ((local || listen !== undefined) && !isLocal);
      if (isOther) throw sharedElsewhere(current);
      return { hub: current, ...(await shared.invite(invite)) };
    }
    const { cwd } = (await sessions.open(session)).view();
    if (await deps.isDisabled(cwd)) throw sharingDisabled();
    const opened = local || listen !== undefined ? await openHub(listen) : null;
    const address = opened?.url ?? checkHub(hub ?? (await deps.hubFor(cwd)));
    const started = await startOnce(session, address, opened);
    return { hub: address, ...(await started.invite(invite)) };
  };
  return {
    handlers: {
      sharePreview: async ({ session }) => previewShare((await sessions.open(session)).view()),
      shareStart: startShare,
      ...createHandlers(shares),
    },
    isActive: () => shares.size > 0,
    async close() {
      for (const shared of shares.values()) shared.close();
      await (await localHub?.catch(() => null))?.close();
    },
  };
}

type OwnHandlers = Omit<Shares["handlers"], "sharePreview" | "shareStart">;

/** Methods about sessions that are shared. */
function createHandlers(shares: Map<string, SharedSession>): OwnHandlers {
  const find = (session: string): SharedSession => {
    const shared = shares.get(session);
    if (shared) return shared;
    throw new TuttiError("notFound", `Session ${session} is not shared. Share it with \`tutti share ${session}\`.`);
  };
  return {
    shareInvite: async ({ session, ...invite }) => find(session).invite(invite),
    shareList: async ({ session }) => ({
      shares: [...shares].flatMap(([id, shared]) => (session === undefined || session === id ? [shared.row()] : [])),
    }),
    async shareRename({ session, invite, name }) {
      await find(session).rename(invite, name);
      return {};
    },
    async shareRevoke({ session, invite }) {
      await find(session).revoke(invite);
      return {};
    },
    async shareApprovals({ session, policy }, { author }) {
      await find(session).setApprovals(policy, author);
      return {};
    },
    async shareStop({ session }) {
      const shared = find(session);
      const deleted = await shared.end();
      shared.close();
      shares.delete(session);
      return { deleted };
    },
  };
}

const sharingDisabled = (): TuttiError =>
  new TuttiError("forbidden", "`share.mode` is `disabled`: sessions in this folder cannot be shared.");

const sharedElsewhere = (hub: string): TuttiError =>
  new TuttiError(
    "conflict",
    `This session is shared through ${hub} already. End that with \`tutti share stop\`, or create a link there without --hub, --local and --listen.`,
  );

/** The origin of a hub. Only https, except on this machine: otherwise anyone on the way could change the page that guests load. */
function checkHub(address: string | undefined): string {
  if (address === undefined)
    throw new TuttiError(
      "usage",
      "No hub is configured. Set `share.hub` to the address of a hub, or share on the local network with `--local`.",
    );
  const url = URL.canParse(address) ? new URL(address) : null;
  const isLoopback = url !== null && /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(url.hostname);
  if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback)))
    throw new TuttiError("usage", `The hub ${JSON.stringify(address)} is not an address that begins with https://.`);
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "")
    throw new TuttiError(
      "usage",
      `The hub ${JSON.stringify(address)} must be an address without a path, such as ${url.origin}.`,
    );
  return url.origin;
}
