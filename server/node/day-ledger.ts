/**
 * What was spent on the current UTC day, in a file to which every server of a data folder appends whole lines. A reservation that was
 * not replaced, because its server was killed, counts as it is.
 */
import { closeSync, constants, fdatasyncSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { DayLedger } from "../budget/budgets.ts";
import { type Amount, addAmounts, NOTHING } from "../budget/limits.ts";
import type { Clock } from "../ports.ts";
import { createStorageError } from "./storage-error.ts";

interface OpenDay {
  day: string;
  fd: number;
  /** Bytes that were read, up to the end of a line. */
  offset: number;
  entries: Map<string, Amount>;
  total: Amount;
}

const NEWLINE = 10;

export function openDayLedger(folder: string, clock: Clock): DayLedger {
  let open: OpenDay | null = null;

  function current(): OpenDay {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    if (open?.day === day) return open;
    if (open) closeSync(open.fd);
    const path = join(folder, `${day}.jsonl`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const fd = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
      open = { day, fd, offset: 0, entries: new Map(), total: NOTHING };
      return open;
    } catch (error) {
      open = null;
      throw createStorageError(path, error);
    }
  }

  /** Reads what all servers appended since the last time. */
  function read(day: OpenDay): Amount {
    const size = fstatSync(day.fd).size;
    if (size > day.offset) {
      const buffer = Buffer.alloc(size - day.offset);
      const length = readSync(day.fd, buffer, 0, buffer.length, day.offset);
      const end = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
      for (const line of buffer.toString("utf8", 0, end).split("\n")) addLine(day, line);
      day.offset += end;
    }
    return day.total;
  }

  return {
    today: async () => read(current()),
    async put(id, { usd, tokens }) {
      const day = current();
      // The line break before it ends a line that a full disk cut off.
      writeSync(day.fd, `\n${JSON.stringify({ id, usd, tokens })}\n`);
      fdatasyncSync(day.fd);
      return read(day);
    },
  };
}

/** Lines that cannot be parsed count for nothing. */
function addLine(day: OpenDay, line: string): void {
  const entry = parseLine(line);
  if (!entry) return;
  const { id, amount } = entry;
  const before = day.entries.get(id) ?? NOTHING;
  day.entries.set(id, amount);
  day.total = addAmounts(day.total, { usd: amount.usd - before.usd, tokens: amount.tokens - before.tokens });
}

function parseLine(line: string): { id: string; amount: Amount } | null {
  try {
    const { id, usd, tokens } = Object(JSON.parse(line)) as Record<string, unknown>;
    const isValid = typeof id === "string" && typeof usd === "number" && typeof tokens === "number";
    return isValid ? { id, amount: { usd, tokens } } : null;
  } catch {
    return null;
  }
}
