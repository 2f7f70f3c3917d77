/**
 * Unsaved text. A client that shows files to a person holds those which are not on the disk as shown there; what tools read of them is
 * asked of the client, and what tools write goes to it. It is asked by `documents/wanted` and answers with `documents/give`; nothing
 * else in the server waits for a client.
 */
import { NotificationType } from "vscode-jsonrpc";
import { z } from "zod";
import { ok, request, session } from "./method.ts";

export const documentMethods = {
  documentsHold: request(
    "documents/hold",
    "owner",
    "What this client holds from now on, for all sessions or for the one that is named, in place of what it held for that: files with unsaved text, and folders of which it is asked for every file that is there. All is let go of when the connection ends. Of two clients that hold a file, the one that said so last is asked.",
    z.object({
      paths: z.array(z.string()).max(10_000),
      folders: z.array(z.string()).max(100).optional(),
      session: session.optional(),
    }),
    ok,
  ),
  documentsGive: request(
    "documents/give",
    "owner",
    "Answers `documents/wanted`, within 10 seconds: `text` is what was to be read, or what stands there now; null says that the file is the disk's to read or write; `problem` says in one sentence why it could not be.",
    z.object({ wanted: z.string(), text: z.string().nullable().optional(), problem: z.string().optional() }),
    ok,
    ["notFound"],
  ),
} as const;

/** `text` is to be put in place of what has the SHA-256 `over` (of its UTF-8); where something else stands there by now, that is a problem. */
export const documentWanted = z.union([
  z.object({ wanted: z.string(), session, path: z.string(), action: z.literal("read") }),
  z.object({
    wanted: z.string(),
    session,
    path: z.string(),
    action: z.literal("write"),
    text: z.string(),
    over: z.string().nullable(),
  }),
]);
export type DocumentWanted = z.infer<typeof documentWanted>;

export const documentNotifications = {
  documentsWanted: {
    doc: "To the client that holds a file: the text is wanted, or is to be changed to this. `over` is the SHA-256 of the text that the change was made from, null for a file that was not there; where the client has another one, it changes nothing and says so.",
    params: documentWanted,
    type: new NotificationType<DocumentWanted>("documents/wanted"),
  },
} as const;
