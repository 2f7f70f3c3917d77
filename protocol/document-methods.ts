/**
 * Unsaved text. A client that shows files claims those with unsaved changes; tools then read their text from the client, and what tools
 * write goes to the client. The server asks by the notification `document/request` and the client answers by the request
 * `document/respond`; nothing else in the server waits for a client.
 */
import { NotificationType } from "vscode-jsonrpc";
import { z } from "zod";
import { ok, request, session } from "./method.ts";

export const documentRequests = {
  documentClaim: request(
    "document/claim",
    "owner",
    "Replaces what this client claims, for all sessions or for the one that is named: files with unsaved changes, and folders in which every file is claimed. Claims end with the connection. Where several clients claim a file, the latest claim counts.",
    z.object({
      paths: z.array(z.string()).max(10_000),
      folders: z.array(z.string()).max(100).optional(),
      session: session.optional(),
    }),
    ok,
  ),
  documentRespond: request(
    "document/respond",
    "owner",
    "Answers `document/request` within 10 seconds. `text`: the text that was read, or the text after the write; null if the file has no unsaved changes, so that the server reads or writes the disk. `problem`: one sentence on why the request failed.",
    z.object({ request: z.string(), text: z.string().nullable().optional(), problem: z.string().optional() }),
    ok,
    ["notFound"],
  ),
} as const;

/** A write replaces the text whose UTF-8 has the SHA-256 `baseHash`; where the client has another text, it responds with a problem. */
export const documentRequest = z.union([
  z.object({ request: z.string(), session, path: z.string(), action: z.literal("read") }),
  z.object({
    request: z.string(),
    session,
    path: z.string(),
    action: z.literal("write"),
    text: z.string(),
    baseHash: z.string().nullable(),
  }),
]);
export type DocumentRequest = z.infer<typeof documentRequest>;

export const documentNotifications = {
  documentRequested: {
    doc: "Sent to the client that claimed a file, to read its text or to replace it by `text`. `baseHash` is the SHA-256 of the text that the change was made from, null for a new file; a client with another text changes nothing and responds with a problem.",
    params: documentRequest,
    type: new NotificationType<DocumentRequest>("document/request"),
  },
} as const;
