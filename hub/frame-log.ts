/** The frames of one share: stored in order, and in memory from the newest snapshot on. */
import type { HubLimits } from "./limits.ts";
import type { HubMetrics } from "./metrics.ts";
import type { HubStore, StoredFrame } from "./store.ts";

export interface FrameLog {
  lastSeq(): number;
  /** The frames of an epoch, from the newest snapshot on: those of others could not be opened with its key. */
  readable(epoch: number): StoredFrame[];
  /** Takes those that are new. Returns what is wrong, or what to store. */
  check(
    frames: readonly StoredFrame[],
    published: number,
  ): { problem: FrameProblem } | { added: StoredFrame[]; size: number };
  /** On disk when it resolves. */
  append(added: readonly StoredFrame[], size: number): Promise<void>;
  clear(): Promise<void>;
  /** Frames that another node has stored. */
  take(added: readonly StoredFrame[]): void;
}

export interface FrameProblem {
  code: "invalid" | "quota" | "storage";
  message: string;
}

/** The owner connects again, and continues after the frames that it did not know. */
const STALE: FrameProblem = { code: "storage", message: "Another server of the owner has stored newer frames." };

export function createFrameLog(
  share: string,
  loaded: readonly StoredFrame[],
  { store, limits, metrics }: { store: HubStore; limits: HubLimits; metrics: HubMetrics },
): FrameLog {
  let frames: StoredFrame[] = [...loaded];
  const lastSeq = (): number => frames.at(-1)?.seq ?? 0;
  const take = (added: readonly StoredFrame[]): void => {
    for (const frame of added) frames = frame.snapshot ? [frame] : [...frames, frame];
  };
  return {
    lastSeq,
    readable: (epoch) => frames.filter((frame) => frame.epoch === epoch),
    check(taken, published) {
      const added: StoredFrame[] = [];
      let expected = lastSeq() + 1;
      for (const frame of taken) {
        if (frame.seq < expected && frame.epoch !== frames.at(-1)?.epoch) return { problem: STALE };
        // Sent again after a connection was lost: it is on disk.
        if (frame.seq < expected) continue;
        // After a store was lost, the numbers go on with a snapshot.
        if (frame.seq > expected && !frame.snapshot)
          return { problem: { code: "invalid", message: "A frame is missing." } };
        added.push(frame);
        expected = frame.seq + 1;
      }
      const size = added.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (published + size <= limits.bytesPerShare) return { added, size };
      const message = `This share has used its ${Math.round(limits.bytesPerShare / 1024 / 1024)} MiB at this hub.`;
      return { problem: { code: "quota", message } };
    },
    async append(added, size) {
      if (added.length === 0) return;
      await store.append(share, added);
      take(added);
      metrics.frames += added.length;
      metrics.bytes += size;
    },
    async clear() {
      await store.clear(share);
      frames = [];
    },
    take,
  };
}
