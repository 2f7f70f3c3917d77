/**
 * The unapproved plugins that the user was warned about, by their identity, in one JSON file in the data folder: each is named once, and
 * again after it has changed. If the file cannot be read or written, the warning is shown again.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../config/replace-file.ts";

export interface ApprovalReminders {
  /** True once for each identity: the user has not been warned about this plugin yet. */
  isNew(key: string, identity: string): Promise<boolean>;
}

export function openApprovalReminders(dataDir: string): ApprovalReminders {
  const file = join(dataDir, "plugin-reminders.json");
  let last: Promise<unknown> = Promise.resolve();

  const remember = async (key: string, identity: string): Promise<boolean> => {
    const known = parseReminders(await readFile(file, "utf8").catch(() => ""));
    if (known[key] === identity) return false;
    await replaceFile(file, `${JSON.stringify({ ...known, [key]: identity })}\n`).catch(() => undefined);
    return true;
  };

  return {
    isNew(key, identity) {
      const result = last.then(() => remember(key, identity));
      last = result;
      return result;
    },
  };
}

function parseReminders(text: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    return {};
  }
}
