/** Names the user's own hooks for Claude Code that wait for trust: once, and again after they have changed. */
import { isAbsolute, relative } from "node:path";
import { hashContent } from "../config/project-items.ts";
import { type ListedHook, listUntrusted } from "../config/untrusted-hooks.ts";

/** Without any, this loads and reads nothing. */
export async function remindOfTrust(
  hooks: readonly ListedHook[],
  { home, dataDir }: { home: string; dataDir: string },
): Promise<string[]> {
  const waiting = hooks.filter(({ hook, granted }) => !granted && isIn(hook.source, `${home}/.claude`));
  if (waiting.length === 0) return [];
  const { openApprovalReminders } = await import("./approval-reminders.ts");
  const identity = hashContent(JSON.stringify(waiting.map(({ hook }) => hook)));
  const isNew = await openApprovalReminders(dataDir).record("hooks of Claude Code", identity, () => identity);
  return isNew ? listUntrusted(waiting) : [];
}

function isIn(file: string, folder: string): boolean {
  const path = relative(folder, file);
  return !path.startsWith("..") && !isAbsolute(path);
}
