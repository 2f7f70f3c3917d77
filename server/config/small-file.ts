/** Reads an untrusted file: a regular file of limited size, never a device or a pipe. */

import { readFileSync, statSync } from "node:fs";
import { describeError } from "../../protocol/errors.ts";

export const maxFileBytes = 1024 * 1024;

/** Null if the file does not exist; `problem` is a message. */
export function readSmallFile(file: string, maxBytes = maxFileBytes): { text: string } | { problem: string } | null {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    if (!stat.isFile()) return { problem: "This is not a regular file and was not read." };
    if (stat.size > maxBytes)
      return { problem: `The file is larger than ${maxBytes / 1024 / 1024} MiB and was not read.` };
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return { problem: `Cannot read the file: ${describeError(error)}.` };
  }
}
