/** Looking through what agents did to files: each file is compared with what it was before them, until a person keeps it or puts it back. */
import { z } from "zod";
import { ok, request, session } from "./method.ts";

/** SHA-256 in hex of the content, as UTF-8 where it is text; null where there is no file. */
const hash = z.string().nullable();

export const editMethods = {
  editsRead: request(
    "edits/read",
    "viewer",
    "A file of the view's `edits` as it was (`base`) and as it is now (`now`, with unsaved text where a client holds it): text, null where there was or is no file. `over` is the hash of `now`.",
    z.object({ session, path: z.string() }),
    z.object({ base: z.string().nullable(), now: z.string().nullable(), over: hash }),
    ["notFound", "conflict"],
  ),
  editsKeep: request(
    "edits/keep",
    "driver",
    "Keeps what agents made of a file: it is done with, and compared with what is there from here on. With `kept`, that text is what it is compared with: the old text and those changes which are kept.",
    z.object({ session, path: z.string(), kept: z.string().optional() }),
    ok,
    ["notFound", "storage"],
  ),
  editsUndo: request(
    "edits/undo",
    "driver",
    "Puts back what a file was before agents changed it, or writes `text`: what is there now without the changes that are undone. Refused where the file has another hash than `over`, which `edits/read` gave: somebody has changed it since.",
    z.object({ session, path: z.string(), over: hash, text: z.string().optional() }),
    ok,
    ["notFound", "conflict", "storage"],
  ),
} as const;
