/** The format of a log on disk: one JSON object per line, whose last field is the checksum of everything before it. Pure. */
import type { Envelope } from "../../protocol/events.ts";
import { createUpgrade } from "../../protocol/upgrade.ts";

/** CRC-32 of a text's UTF-8 bytes. */
export type Checksum = (text: string) => number;

const SUM = ',"sum":"';
const TAIL = SUM.length + '00000000"}'.length;

export function formatRecord(envelope: Envelope, checksum: Checksum): string {
  const body = JSON.stringify(envelope).slice(0, -1);
  return `${body}${SUM}${hex(checksum(body))}"}\n`;
}

/** The highest sequence number: a thousand events each second would reach it after 30 years. A record above it is damaged. */
export const MAX_SEQ = 2 ** 40;

/** Sequence numbers from `first` to `last`, both included. */
export interface SeqRange {
  first: number;
  last: number;
}

export interface ParsedLog {
  envelopes: Envelope[];
  /** Unreadable records, in order. */
  damaged: SeqRange[];
  /** The last used sequence number, readable or not. */
  lastSeq: number;
}

export interface LogParser {
  /** `lines`: the next lines of the log; an incomplete last line is a write that a crash interrupted, and is ignored. */
  add(lines: string): void;
  /** Everything added so far. The envelopes are the same array each time. */
  parsed(): ParsedLog;
}

/**
 * Parses a log piece by piece. A line that does not match its checksum is skipped and its number reported. The checksum guarantees the
 * shape: only this program writes these files, and folds skip unknown types. `lastSeq`: where the part before has ended.
 */
export function createLogParser(checksum: Checksum, lastSeq = 0): LogParser {
  const envelopes: Envelope[] = [];
  const damaged: SeqRange[] = [];
  const upgrade = createUpgrade();
  let last = lastSeq;
  let unread = 0;
  return {
    add(lines) {
      let start = 0;
      for (let end = lines.indexOf("\n"); end >= 0; end = lines.indexOf("\n", start)) {
        const envelope = parseRecord(lines.slice(start, end), checksum);
        start = end + 1;
        if (!envelope || envelope.seq <= last) {
          unread += 1;
          continue;
        }
        if (envelope.seq > last + 1) damaged.push({ first: last + 1, last: envelope.seq - 1 });
        envelopes.push(upgrade(envelope));
        last = envelope.seq;
        unread = 0;
      }
    },
    parsed() {
      const tail = unread > 0 ? [{ first: last + 1, last: last + unread }] : [];
      return { envelopes, damaged: [...damaged, ...tail], lastSeq: last + unread };
    },
  };
}

/** Parses a whole log. */
export function parseLog(text: string, checksum: Checksum): ParsedLog {
  const parser = createLogParser(checksum);
  parser.add(text);
  return parser.parsed();
}

function parseRecord(line: string, checksum: Checksum): Envelope | null {
  const at = line.length - TAIL;
  if (at < 0 || !line.startsWith(SUM, at) || !line.endsWith('"}')) return null;
  const body = line.slice(0, at);
  if (hex(checksum(body)) !== line.slice(at + SUM.length, -2)) return null;
  try {
    const envelope = JSON.parse(`${body}}`) as Envelope;
    return Number.isInteger(envelope.seq) && envelope.seq <= MAX_SEQ ? envelope : null;
  } catch {
    return null;
  }
}

const hex = (sum: number): string => sum.toString(16).padStart(8, "0");
