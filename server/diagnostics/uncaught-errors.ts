/** Counts uncaught errors, and writes a report if they end the server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface CrashCounter {
  /** Adds an error. Returns the recent errors if there are too many; null if the server may continue. */
  add(text: string): string[] | null;
}

export function createCrashCounter(
  { max, withinMs }: { max: number; withinMs: number },
  now: () => number,
): CrashCounter {
  let recent: { at: number; text: string }[] = [];
  return {
    add(text) {
      const at = now();
      recent = [...recent.filter((crash) => at - crash.at < withinMs), { at, text }];
      return recent.length >= max ? recent.map((crash) => crash.text) : null;
    },
  };
}

/** Writes the report and returns its path. */
export function writeCrashReport(dataDir: string, errors: readonly string[]): string {
  const path = join(dataDir, "server-crash.txt");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${new Date().toISOString()} ${process.version}\n\n${errors.join("\n\n")}\n`, { mode: 0o600 });
  return path;
}
