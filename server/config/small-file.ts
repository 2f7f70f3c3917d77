/** Reads a file that anyone may have written: a plain file of at most 1 MiB, never a device or a pipe that would not end. */
import { readFileSync, statSync } from "node:fs";

export const mostBytes = 1024 * 1024;

/** Null where there is no such file; `problem` is a sentence. */
export function readSmallFile(file: string): { text: string } | { problem: string } | null {
  try {
    const facts = statSync(file, { throwIfNoEntry: false });
    if (facts === undefined) return null;
    if (!facts.isFile()) return { problem: "This is not a file and was not read." };
    if (facts.size > mostBytes) return { problem: "The file is larger than 1 MiB and was not read." };
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return { problem: `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.` };
  }
}
