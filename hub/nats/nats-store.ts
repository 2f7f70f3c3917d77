/** The store of several nodes: a log for each share, of which every node that serves the share has the same copy. */
import { decodeFrames, encodeFrame } from "../frame-codec.ts";
import type { HubStore, LoadedShare, ShareChanges, ShareRecord, StoredFrame } from "../store.ts";
import { allLogs, logSubject, type Nats, STREAM, shareOfSubject } from "./connection.ts";
import { type LogEntry, openShareLog, type ShareLog } from "./share-log.ts";

interface OpenedShare {
  log: Promise<ShareLog>;
  record: ShareRecord | null;
  /** From the newest snapshot on, until it was loaded. */
  frames: StoredFrame[] | null;
  changes: ShareChanges | null;
  /** What was read after it was loaded, and before `follow`. */
  waiting: ((changes: ShareChanges) => void)[];
  /** Where the newest record, and the frames, begin in the log. */
  recordAt: number;
  framesAt: number | null;
  /** The first message that may still be stored. NATS must not be asked to delete what comes before it: it would delete all. */
  firstAt: number | null;
  /** Where what is needed began, and when. */
  replaced: { before: number; at: number } | null;
}

const KEPT_MS = 30_000;

export function openNatsStore(nats: Nats): HubStore {
  const opened = new Map<string, OpenedShare>();
  const openShare = (id: string): OpenedShare => {
    const share: OpenedShare = {
      log: openShareLog(nats, id, (entry) => apply(share, entry)),
      ...{
        record: null,
        frames: [],
        changes: null,
        waiting: [],
        recordAt: 0,
        framesAt: null,
        firstAt: null,
        replaced: null,
      },
    };
    opened.set(id, share);
    return share;
  };
  const isOpen = (id: string): OpenedShare => {
    const share = opened.get(id);
    if (!share) throw new Error("The share is not open here any more.");
    return share;
  };
  return {
    async load(id) {
      await this.release?.(id);
      const share = openShare(id);
      await share.log;
      const { record, frames } = share;
      share.frames = null;
      return record && frames ? ({ record, frames } satisfies LoadedShare) : null;
    },
    follow(id, changes) {
      const share = isOpen(id);
      share.changes = changes;
      for (const report of share.waiting.splice(0)) report(changes);
    },
    refresh: async (id) => (await isOpen(id).log).refresh(),
    async release(id) {
      const share = opened.get(id);
      opened.delete(id);
      await (await share?.log.catch(() => null))?.close();
    },
    async saveRecord(id, record) {
      const share = isOpen(id);
      await (await share.log).append("record", Buffer.from(JSON.stringify(record)));
      await deleteReplaced(share);
    },
    async append(id, frames) {
      await (await isOpen(id).log).append("frames", Buffer.concat(frames.map(encodeFrame)));
    },
    async clear(id) {
      const share = isOpen(id);
      await deleteBefore(share, share.recordAt);
    },
    async remove(id) {
      await this.release?.(id);
      await nats.manager.streams.purge(STREAM, { filter: logSubject(id) });
    },
    async lastChange(id) {
      const last = await nats.manager.streams.getMessage(STREAM, { last_by_subj: logSubject(id) });
      return last ? last.time.getTime() : null;
    },
    async list() {
      const { state } = await nats.manager.streams.info(STREAM, { subjects_filter: allLogs });
      return Object.keys(state.subjects ?? {}).map(shareOfSubject);
    },
    async close() {
      for (const id of [...opened.keys()]) await this.release?.(id);
      await nats.connection.drain();
    },
  };
}

function apply(share: OpenedShare, { kind, bytes, isOwn, sequence }: LogEntry): void {
  share.firstAt ??= sequence;
  const report = (call: (changes: ShareChanges) => void): void => {
    if (share.changes) call(share.changes);
    else share.waiting.push(call);
  };
  if (kind === "record") {
    const record = JSON.parse(Buffer.from(bytes).toString("utf8")) as ShareRecord;
    share.recordAt = sequence;
    if (share.frames) share.record = record;
    else if (!isOwn) report((changes) => changes.recordChanged(record));
    return;
  }
  const { frames } = decodeFrames(bytes);
  if (share.framesAt === null || frames.some(({ snapshot }) => snapshot)) share.framesAt = sequence;
  if (share.frames === null) {
    if (!isOwn) report((changes) => changes.framesAdded(frames));
    return;
  }
  for (const frame of frames) {
    if (frame.snapshot) share.frames.splice(0);
    share.frames.push(frame);
  }
}

/** Deletes what was replaced when it was last called long enough ago: by then, all nodes have read it. */
async function deleteReplaced(share: OpenedShare): Promise<void> {
  const now = Date.now();
  if (share.replaced && now - share.replaced.at < KEPT_MS) return;
  const { before = 0 } = share.replaced ?? {};
  share.replaced = { before: Math.min(share.recordAt, share.framesAt ?? share.recordAt), at: now };
  await deleteBefore(share, before);
}

async function deleteBefore(share: OpenedShare, before: number): Promise<void> {
  if (share.firstAt === null || before <= share.firstAt) return;
  await (await share.log).deleteBefore(before);
  share.firstAt = before;
}
