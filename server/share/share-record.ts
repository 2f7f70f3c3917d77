/** What the owner's server keeps about a shared session, in a file that only its user can read: it holds the keys. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { guestRoles } from "../../protocol/share-methods.ts";
import { replaceFile } from "../config/replace-file.ts";

const inviteRecord = z.object({
  id: z.string(),
  /** 256 bits in base64url, as in the link. */
  secret: z.string(),
  role: z.enum(guestRoles),
  name: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  revoked: z.boolean(),
  usedBy: z.array(z.string()),
});
export type InviteRecord = z.infer<typeof inviteRecord>;

const shareRecord = z.object({
  version: z.literal(1),
  session: z.string(),
  /** The origin of the hub. */
  hub: z.string(),
  /** Set if this server is the hub: where it listens. */
  local: z.object({ host: z.string(), port: z.number() }).optional(),
  share: z.string(),
  /** Shows the hub that this is the owner. 256 bits in base64url. */
  token: z.string(),
  /** Of the owner's signing key. 256 bits in base64url. */
  seed: z.string(),
  invites: z.array(inviteRecord),
  /** The share has ended, but the hub has not deleted it yet. */
  ending: z.boolean().optional(),
});
export type ShareRecord = z.infer<typeof shareRecord>;

export interface ShareRecords {
  /** Reads all of them. What cannot be read is reported and left alone. */
  load(report: (problem: string) => void): ShareRecord[];
  /** On disk when it resolves. */
  save(record: ShareRecord): Promise<void>;
  remove(session: string): void;
}

export function openShareRecords(dataDir: string): ShareRecords {
  const folder = join(dataDir, "shares");
  const pathOf = (session: string): string => join(folder, `${encodeURIComponent(session)}.json`);
  return {
    load(report) {
      return listFiles(folder).flatMap((name) => {
        const path = join(folder, name);
        try {
          return [shareRecord.parse(JSON.parse(readFileSync(path, "utf8")))];
        } catch (error) {
          report(`${path} cannot be read, so this session is not shared: ${(error as Error).message}`);
          return [];
        }
      });
    },
    save: (record) => replaceFile(pathOf(record.session), `${JSON.stringify(record, null, 2)}\n`),
    remove: (session) => rmSync(pathOf(session), { force: true }),
  };
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
