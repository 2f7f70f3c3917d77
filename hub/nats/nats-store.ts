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
  /** Where the newest record, and the frames, begin in the log. */
  recordAt: number;
  framesAt: number | null;
  /** The first message that may still be stored. NATS must not be asked to delete what comes before it: it would delete all. */
  firstAt: number | null;
}

export function openNatsStore(nats: Nats): HubStore {
  const opened = new Map<string, OpenedShare>();
  const openShare = (id: string): OpenedShare => {
    const share: OpenedShare = {
      log: openShareLog(nats, id, (entry) => apply(share, entry)),
      ...{ record: null, frames: [], changes: null, recordAt: 0, framesAt: null, firstAt: null },
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
      isOpen(id).changes = changes;
    },
    async release(id) {
      const share = opened.get(id);
      opened.delete(id);
      await (await share?.log.catch(() => null))?.close();
    },
    async saveRecord(id, record) {
      const share = isOpen(id);
      await (await share.log).append("record", Buffer.from(JSON.stringify(record)));
      await deleteReplaced(share, Math.min(share.recordAt, share.framesAt ?? share.recordAt));
    },
    async append(id, frames) {
      await (await isOpen(id).log).append("frames", Buffer.concat(frames.map(encodeFrame)));
    },
    async clear(id) {
      const share = isOpen(id);
      await deleteReplaced(share, share.recordAt);
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
  if (kind === "record") {
    share.record = JSON.parse(Buffer.from(bytes).toString("utf8")) as ShareRecord;
    share.recordAt = sequence;
    if (!isOwn) share.changes?.recordChanged(share.record);
    return;
  }
  const { frames } = decodeFrames(bytes);
  for (const frame of frames) {
    if (frame.snapshot) share.frames?.splice(0);
    share.frames?.push(frame);
  }
  if (share.framesAt === null || frames.some(({ snapshot }) => snapshot)) share.framesAt = sequence;
  if (!isOwn) share.changes?.framesAdded(frames);
}

/** What was deleted too little is deleted the next time. */
async function deleteReplaced(share: OpenedShare, before: number): Promise<void> {
  if (share.firstAt === null || before <= share.firstAt) return;
  await (await share.log).deleteBefore(before);
  share.firstAt = before;
}
