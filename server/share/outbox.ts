/** What guests of a shared session have not been sent yet: a snapshot of the view, or the events since the last one. */
import type { Envelope } from "../../protocol/events.ts";
import { nobody, type ParticipantList } from "../../protocol/participants.ts";
import type { FrameContent } from "../../protocol/share/messages.ts";
import type { SessionView } from "../../protocol/view.ts";

export interface Outbox {
  add(envelope: Envelope): void;
  setParticipants(participants: ParticipantList): void;
  /** The next frame is a snapshot. */
  reset(): void;
  /** The content of the next frame; null if there is nothing to send. */
  take(): FrameContent | null;
  /** A frame with so many bytes was sealed. */
  sealed(content: FrameContent, bytes: number): void;
}

/** A snapshot follows after as many bytes of events, or after twice its own size. */
const MIN_TAIL_BYTES = 256 * 1024;
/** Events that wait for a slow hub; beyond this, a snapshot replaces them. */
const MAX_PENDING = 2_000;

export function createOutbox(view: () => SessionView): Outbox {
  let pending: Envelope[] = [];
  let needsSnapshot = true;
  let participants = nobody;
  let hasNewParticipants = false;
  let tailBytes = 0;
  let snapshotBytes = 0;
  const reset = (): void => {
    pending = [];
    needsSnapshot = true;
  };
  return {
    add(envelope) {
      // A snapshot has it.
      if (needsSnapshot) return;
      pending.push(envelope);
      if (pending.length > MAX_PENDING) reset();
    },
    setParticipants(changed) {
      participants = changed;
      hasNewParticipants = true;
    },
    reset,
    take() {
      if (needsSnapshot) {
        needsSnapshot = false;
        hasNewParticipants = false;
        return { type: "snapshot", view: view(), ...participants };
      }
      if (pending.length > 0) {
        const envelopes = pending;
        pending = [];
        return { type: "events", envelopes };
      }
      if (!hasNewParticipants) return null;
      hasNewParticipants = false;
      return { type: "participants", ...participants };
    },
    sealed({ type }, bytes) {
      if (type === "snapshot") {
        snapshotBytes = bytes;
        tailBytes = 0;
      } else tailBytes += bytes;
      if (tailBytes > Math.max(MIN_TAIL_BYTES, 2 * snapshotBytes)) reset();
    },
  };
}
