/** Review of what agents did to files: each file is compared with what it was before, until a person accepts or undoes the changes. */
import { z } from "zod";
import { ok, request, session } from "./method.ts";

/** SHA-256 in hex of the content, as UTF-8 where it is text; null where there is no file. */
const hash = z.string().nullable();

export const editRequests = {
  editsRead: request(
    "edits/read",
    "viewer",
    "A file of the view's `edits`: its text before (`base`) and now (`current`, with unsaved changes where a client claims it); null where there is no file. `currentHash` is the hash of `current`.",
    z.object({ session, path: z.string() }),
    z.object({ base: z.string().nullable(), current: z.string().nullable(), currentHash: hash }),
    ["notFound", "conflict", "storage"],
  ),
  editsAccept: request(
    "edits/accept",
    "driver",
    "Accepts the changes of a file: from now on it is compared with its current text. With `baseText`, only some changes are accepted, and it is compared with that text: the old text with the accepted changes.",
    z.object({ session, path: z.string(), baseText: z.string().optional() }),
    ok,
    ["notFound", "storage"],
  ),
  editsUndo: request(
    "edits/undo",
    "driver",
    "Restores a file as it was before agents changed it, or writes `text`: the current text without the changes that are undone. Refused where `currentHash` is not the hash of the current text: the file has changed since `edits/read`.",
    z.object({ session, path: z.string(), currentHash: hash, text: z.string().optional() }),
    ok,
    ["notFound", "conflict", "storage"],
  ),
} as const;
