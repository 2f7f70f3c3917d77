/** Seals and sends frames one after the other, as fast as the hub takes and stores them. */
import { describeError } from "../../protocol/errors.ts";
import { encodeContent } from "../../protocol/share/messages.ts";
import type { Epoch } from "./epoch.ts";
import type { HubLink } from "./hub-link.ts";
import type { Outbox } from "./outbox.ts";

export interface StreamPump {
  /** Publishes in this epoch from now on; null for not at all. */
  setEpoch(epoch: Epoch | null): void;
  epoch(): Epoch | null;
  /** The number of the last frame. */
  lastSeq(): number;
  /** The hub has stored frames up to this one, for example before this server was started. */
  continueFrom(seq: number): void;
  /** The hub has stored all frames up to this one. */
  stored(seq: number): void;
  /** Sends what waits, within some milliseconds. */
  schedule(): void;
  stop(): void;
}

const BATCH_MS = 16;
const MAX_UNSENT = 1024 * 1024;
const MAX_UNSTORED = 4 * 1024 * 1024;

export function createStreamPump(outbox: Outbox, hub: () => HubLink): StreamPump {
  let epoch: Epoch | null = null;
  let lastSeq = 0;
  /** Frames that are not known to be on the hub's disk. */
  let unstored: { seq: number; size: number }[] = [];
  let batch: NodeJS.Timeout | undefined;
  let isRunning = false;

  const run = (): void => {
    if (isRunning) return;
    isRunning = true;
    publishPending()
      .catch((error: unknown) => hub().fail(`The session could not be sealed: ${describeError(error)}.`))
      .finally(() => {
        isRunning = false;
      });
  };
  const publishPending = async (): Promise<void> => {
    for (;;) {
      const current = epoch;
      if (current === null || !canSend()) return;
      const content = outbox.take();
      if (content === null) return;
      const snapshot = content.type === "snapshot";
      const { position, bytes } = await current.sealer.seal(encodeContent(content), snapshot);
      // Another epoch has begun: it starts with a snapshot.
      if (epoch !== current) continue;
      outbox.sealed(content, bytes.length);
      lastSeq = position.seq;
      unstored.push({ seq: position.seq, size: bytes.length });
      hub().send({ type: "frame", epoch: position.epoch, seq: position.seq, snapshot }, bytes);
    }
  };
  const canSend = (): boolean =>
    hub().backlog() < MAX_UNSENT && unstored.reduce((sum, { size }) => sum + size, 0) < MAX_UNSTORED;

  return {
    setEpoch(next) {
      epoch = next;
      if (next === null) return;
      unstored = [];
      outbox.reset();
      run();
    },
    epoch: () => epoch,
    lastSeq: () => lastSeq,
    continueFrom(seq) {
      lastSeq = Math.max(lastSeq, seq);
    },
    stored(seq) {
      unstored = unstored.filter((frame) => frame.seq > seq);
      run();
    },
    schedule() {
      batch ??= setTimeout(() => {
        batch = undefined;
        run();
      }, BATCH_MS);
    },
    stop: () => clearTimeout(batch),
  };
}
