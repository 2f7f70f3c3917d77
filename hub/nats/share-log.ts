/**
 * The log of one share in JetStream, which all nodes read in the same order. What a node has appended counts when the node has read it
 * back: an entry that was written without knowledge of the one before it is ignored by all nodes alike.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { describeError } from "../../protocol/errors.ts";
import { logSubject, type Nats, STREAM } from "./connection.ts";
import { decodeMessage, type EntryKind, encodeMessage, PIECE_OVERHEAD, type Piece, splitBytes } from "./pieces.ts";

export interface LogEntry {
  kind: EntryKind;
  bytes: Uint8Array;
  /** Written by this log. */
  isOwn: boolean;
  /** Of its first message. */
  sequence: number;
}

export interface ShareLog {
  /** Rejects if another node has written in the meantime, or if it cannot be stored for long. */
  append(kind: EntryKind, bytes: Uint8Array): Promise<void>;
  /** Resolves when all that is stored by now was read. */
  refresh(): Promise<void>;
  /** Deletes all messages before this one. */
  deleteBefore(sequence: number): Promise<void>;
  close(): Promise<void>;
}

const APPEND_MS = 10_000;
const RETRY_MS = 250;
/** A request of a consumer that is idle; it is renewed. */
const EXPIRES_MS = 30_000;
/** How long something that a consumer has left out may stay unread. */
const CHECK_MS = 10_000;

/** Resolves when all that is stored was read: `read` is called for each whole entry, then and later. */
export async function openShareLog(nats: Nats, share: string, read: (entry: LogEntry) => void): Promise<ShareLog> {
  const { stream, manager } = nats;
  const subject = logSubject(share);
  const writer = randomBytes(8).toString("hex");
  const reader = createReader(writer, read);
  const findLast = async (): Promise<number> =>
    (await manager.streams.getMessage(STREAM, { last_by_subj: subject }))?.seq ?? 0;
  const last = await findLast();
  const consumer = await stream.consumers.get(STREAM, { filter_subjects: subject, deliver_policy: DeliverPolicy.All });
  let work: Promise<void> = Promise.resolve();
  /** An entry that could not be applied: this copy of the log is not the others' any more. */
  let broken: Error | null = null;
  const inOrder = (task: () => Promise<void>): void => {
    work = work.then(task).catch((error: unknown) => {
      broken ??= new Error(`an entry of the log cannot be applied: ${describeError(error)}`);
    });
  };
  const checkWhole = (): void => {
    if (broken) throw broken;
  };
  /** Reads what is stored after the last message that was read, and before this one. */
  const readStored = async (before: number): Promise<void> => {
    for (;;) {
      const next = { next_by_subj: subject, seq: reader.last() + 1 };
      const message = await manager.streams.getMessage(STREAM, next).catch(() => null);
      if (!message || message.seq >= before) return;
      reader.read(message.seq, message.data);
    }
  };
  const readNew = (): void => inOrder(() => readStored(Number.POSITIVE_INFINITY));
  const messages: ConsumerMessages = await consumer.consume({
    expires: EXPIRES_MS,
    // A consumer leaves messages out when others before them are deleted.
    callback: ({ seq, data }: JsMsg) =>
      inOrder(async () => {
        if (reader.isGap(data)) await readStored(seq);
        reader.read(seq, data);
      }),
  });
  const timer = setInterval(readNew, CHECK_MS).unref();
  await reader.reached(last);
  await work;
  checkWhole();

  const publish = async (piece: Piece, bytes: Uint8Array): Promise<void> => {
    const data = encodeMessage(piece, bytes);
    const outcome = reader.outcomeOf(piece);
    const until = Date.now() + APPEND_MS;
    let problem = "it was not read back";
    while (!outcome.isKnown() && Date.now() < until) {
      const options = { msgID: keyOf(piece), expect: { lastSubjectSequence: piece.previous }, timeout: 2_000 };
      await stream.publish(subject, data, options).catch((error: unknown) => {
        problem = describeError(error);
      });
      await Promise.race([outcome.known, delay(RETRY_MS, undefined, { ref: false })]);
      if (!outcome.isKnown()) readNew();
    }
    const result = outcome.isKnown() ? await outcome.known : "missing";
    outcome.forget();
    if (result === "overtaken") throw new Error("another node has written first");
    if (result === "missing") throw new Error(`NATS did not store it: ${problem}`);
  };

  return {
    async append(kind, bytes) {
      checkWhole();
      const entry = randomBytes(12).toString("base64url");
      const pieces = splitBytes(bytes, nats.maxMessage - PIECE_OVERHEAD);
      for (const [index, part] of pieces.entries())
        await publish({ kind, entry, writer, index, count: pieces.length, previous: reader.last() }, part);
    },
    async refresh() {
      const stored = await findLast();
      if (reader.last() < stored) readNew();
      await reader.reached(stored);
    },
    async deleteBefore(sequence) {
      await manager.streams.purge(STREAM, { filter: subject, seq: sequence });
    },
    async close() {
      clearInterval(timer);
      reader.stop();
      await messages.close();
    },
  };
}

type Outcome = "stored" | "overtaken";

const keyOf = ({ entry, index }: Piece): string => `${entry}.${index}`;

function createReader(writer: string, read: (entry: LogEntry) => void) {
  let last = 0;
  let stopped = false;
  /** Of the entry that is being read. */
  let entry = "";
  let first = 0;
  let parts: Uint8Array[] = [];
  const waiting = new Map<string, { resolve(outcome: Outcome): void }>();
  const reaching: { sequence: number; resolve(): void }[] = [];

  const accept = (sequence: number, piece: Piece, bytes: Uint8Array): void => {
    if (piece.index === 0) {
      entry = piece.entry;
      first = sequence;
      parts = [];
    }
    // The beginning is missing, or another entry came in between: its writer has failed.
    if (piece.entry !== entry || piece.index !== parts.length) {
      entry = "";
      return;
    }
    parts.push(bytes);
    if (parts.length < piece.count) return;
    read({ kind: piece.kind, bytes: Buffer.concat(parts), isOwn: piece.writer === writer, sequence: first });
    parts = [];
  };
  return {
    last: () => last,
    /** Something before this message was not read: it was deleted, or left out. */
    isGap: (data: Uint8Array): boolean => (decodeMessage<Piece>(data)?.head.previous ?? 0) > last,
    stop() {
      stopped = true;
    },
    read(sequence: number, data: Uint8Array): void {
      if (stopped || sequence <= last) return;
      const piece = decodeMessage<Piece>(data);
      // Messages before it may have been deleted; but one that was written without knowledge of the last one does not count.
      const counts = piece !== null && piece.head.previous >= last;
      last = sequence;
      if (counts) accept(sequence, piece.head, piece.bytes);
      for (const [key, one] of waiting) one.resolve(counts && keyOf(piece.head) === key ? "stored" : "overtaken");
      for (const one of reaching.splice(0)) {
        if (one.sequence <= last) one.resolve();
        else reaching.push(one);
      }
    },
    reached: (sequence: number): Promise<void> =>
      new Promise((resolve) => {
        if (sequence <= last) resolve();
        else reaching.push({ sequence, resolve });
      }),
    outcomeOf(piece: Piece) {
      const { promise: known, resolve } = Promise.withResolvers<Outcome>();
      let isKnown = false;
      const key = keyOf(piece);
      waiting.set(key, {
        resolve(outcome) {
          isKnown = true;
          waiting.delete(key);
          resolve(outcome);
        },
      });
      return { known, isKnown: () => isKnown, forget: () => waiting.delete(key) };
    },
  };
}
