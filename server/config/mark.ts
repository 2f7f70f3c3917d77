/** Tells whether files are still what they were, without reading them. */
import { statSync } from "node:fs";

/** Changes when one of them is written, made or removed. */
export const markOf = (files: readonly string[]): string =>
  files
    .map((file) => {
      const facts = statSync(file, { throwIfNoEntry: false });
      return facts ? `${facts.mtimeMs} ${facts.size} ${facts.ino}` : "";
    })
    .join("\n");
