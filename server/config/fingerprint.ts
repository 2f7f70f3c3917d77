/** Detects changed files without reading them. */
import { statSync } from "node:fs";

/** A text that changes when one of the files is written, created or removed. */
export const fingerprintFiles = (files: readonly string[]): string =>
  files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : "";
    })
    .join("\n");
