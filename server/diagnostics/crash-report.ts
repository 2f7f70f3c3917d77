/** Counts the faults that nobody caught, and writes down those that end the server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Crashes {
  /** The faults of the last while, where they are too many now; null where the server may go on. */
  add(told: string): string[] | null;
}

export function countCrashes({ most, withinMs }: { most: number; withinMs: number }, now: () => number): Crashes {
  let recent: { at: number; told: string }[] = [];
  return {
    add(told) {
      const at = now();
      recent = [...recent.filter((crash) => at - crash.at < withinMs), { at, told }];
      return recent.length >= most ? recent.map((crash) => crash.told) : null;
    },
  };
}

/** Where the report lies. */
export function writeReport(dataDir: string, faults: readonly string[]): string {
  const path = join(dataDir, "server-crash.txt");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${new Date().toISOString()} ${process.version}\n\n${faults.join("\n\n")}\n`, { mode: 0o600 });
  return path;
}
