/** The format of a log on disk: one JSON object per line, whose last field is the checksum of everything before it. Pure. */
import type { Envelope } from "../../protocol/events.ts";
import { upgradeLog } from "../../protocol/upgrade.ts";

/** CRC-32 of a text's UTF-8 bytes. */
export type Checksum = (text: string) => number;

const SUM = ',"sum":"';
const TAIL = SUM.length + '00000000"}'.length;

export function formatRecord(envelope: Envelope, checksum: Checksum): string {
  const body = JSON.stringify(envelope).slice(0, -1);
  return `${body}${SUM}${hex(checksum(body))}"}\n`;
}

export interface ParsedLog {
  envelopes: Envelope[];
  /** Sequence numbers of unreadable records. */
  damaged: number[];
  /** The last used sequence number, readable or not. */
  lastSeq: number;
}

/**
 * Parses a log. A line that does not match its checksum is skipped and its number reported; an incomplete last line is a write that
 * a crash interrupted. The checksum guarantees the shape: only this program writes these files, and folds skip unknown types.
 */
export function parseLog(text: string, checksum: Checksum): ParsedLog {
  const envelopes: Envelope[] = [];
  const damaged: number[] = [];
  let lastSeq = 0;
  let unread = 0;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    const envelope = parseRecord(text.slice(start, end), checksum);
    start = end + 1;
    if (!envelope || envelope.seq <= lastSeq) {
      unread += 1;
      continue;
    }
    for (let seq = lastSeq + 1; seq < envelope.seq; seq++) damaged.push(seq);
    envelopes.push(envelope);
    lastSeq = envelope.seq;
    unread = 0;
  }
  for (; unread > 0; unread--) damaged.push(++lastSeq);
  return { envelopes: upgradeLog(envelopes), damaged, lastSeq };
}

function parseRecord(line: string, checksum: Checksum): Envelope | null {
  const at = line.length - TAIL;
  if (at < 0 || !line.startsWith(SUM, at) || !line.endsWith('"}')) return null;
  const body = line.slice(0, at);
  if (hex(checksum(body)) !== line.slice(at + SUM.length, -2)) return null;
  try {
    return JSON.parse(`${body}}`) as Envelope;
  } catch {
    return null;
  }
}

const hex = (sum: number): string => sum.toString(16).padStart(8, "0");
