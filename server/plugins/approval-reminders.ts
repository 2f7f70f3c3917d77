/**
 * The unapproved plugins that the user was warned about, by their identity, in one JSON file in the data folder: each is named once, and
 * again after it has changed. If the file cannot be read or written, the warning is shown again.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../config/replace-file.ts";

export interface ApprovalReminders {
  /**
   * Records that the user is warned about this plugin. Resolves with false if the same identity was recorded before. Each turn asks this,
   * so the identity is read again only for another fingerprint.
   */
  record(key: string, fingerprint: string, readIdentity: () => string): Promise<boolean>;
}

export function openApprovalReminders(dataDir: string): ApprovalReminders {
  const file = join(dataDir, "plugin-reminders.json");
  const identities = new Map<string, { fingerprint: string; identity: string }>();
  let last: Promise<unknown> = Promise.resolve();

  const recordOnce = async (key: string, identity: string): Promise<boolean> => {
    const known = parseReminders(await readFile(file, "utf8").catch(() => ""));
    if (known[key] === identity) return false;
    await replaceFile(file, `${JSON.stringify({ ...known, [key]: identity })}\n`).catch(() => undefined);
    return true;
  };

  return {
    record(key, fingerprint, readIdentity) {
      const read = identities.get(key);
      const { identity } = read?.fingerprint === fingerprint ? read : { identity: readIdentity() };
      identities.set(key, { fingerprint, identity });
      const result = last.then(() => recordOnce(key, identity));
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
