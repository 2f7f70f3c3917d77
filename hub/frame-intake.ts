/** Takes the frames of a publisher: those that arrive while others are written are written together. */
import type { HubClient } from "./client.ts";
import type { FrameLog } from "./frame-log.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import type { StoredFrame } from "./store.ts";

export interface FrameIntakeDeps {
  log: FrameLog;
  kept: RecordKeeper;
  /** Gives a stored frame to the guests. */
  deliver(frame: StoredFrame): void;
  isPublisher(client: HubClient): boolean;
  inOrder: Queue;
}

export type Queue = <T>(task: () => Promise<T>) => Promise<T>;

/** Runs tasks one after the other. */
export function createQueue(): Queue {
  let work: Promise<unknown> = Promise.resolve();
  return (task) => {
    const done = work.then(task);
    work = done.catch(() => undefined);
    return done;
  };
}

export function createFrameIntake({ log, kept, deliver, isPublisher, inOrder }: FrameIntakeDeps) {
  const pending = new Map<HubClient, StoredFrame[]>();
  const storePending = async (client: HubClient): Promise<void> => {
    const taken = pending.get(client);
    if (!taken) return;
    pending.delete(client);
    const { epoch, published } = kept.record();
    if (!isPublisher(client) || taken.some((frame) => frame.epoch !== epoch))
      return client.fail("fenced", fencedText(epoch));
    const checked = log.check(taken, published);
    if ("problem" in checked) return client.fail(checked.problem.code, checked.problem.message);
    await log.append(checked.added, checked.size);
    const hasSnapshot = checked.added.some(({ snapshot }) => snapshot);
    await kept.countPublished(checked.size, hasSnapshot);
    for (const frame of checked.added) deliver(frame);
    client.send({ type: "stored", seq: log.lastSeq() });
  };
  return (client: HubClient, frame: StoredFrame): Promise<void> => {
    pending.set(client, [...(pending.get(client) ?? []), frame]);
    return inOrder(() => storePending(client));
  };
}

export const fencedText = (epoch: number): string =>
  `Another server publishes this share now (epoch ${epoch}). This one has stopped.`;
