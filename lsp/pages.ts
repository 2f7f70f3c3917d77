/**
 * What can be read of a session beside the code: the transcript, an answer, the changes. Documents of our own scheme where the editor
 * knows such, else files that are for reading only and are gone when the editor is.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTwoFilesPatch } from "diff";
import { exportSession } from "../client/export.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Face } from "./face.ts";

const kinds = ["transcript.md", "answer.md", "changes.diff"] as const;
export type PageKind = (typeof kinds)[number];

export const pageScheme = "tutti";

export interface Pages {
  /** Shows a page; the text of an answer in a message where the editor shows no documents. */
  show(session: string, kind: PageKind): Promise<void>;
  /** Of an address of ours; null where it is none. */
  read(uri: string): Promise<string | null>;
}

/** A folder of this process alone; what is in it is removed with it. */
export function openPages(face: Face, folder: string): Pages {
  const { client, connection, sessions } = face;
  let made = false;

  const text = async (session: string, kind: PageKind): Promise<string> => {
    switch (kind) {
      case "transcript.md":
        return exportSession(await envelopesOf(face, session), "md");
      case "answer.md":
        return answerOf(sessions.view(session));
      case "changes.diff":
        return changesOf(face, session);
    }
  };
  const file = (session: string, kind: PageKind, content: string): string => {
    if (!made) begin(folder);
    made = true;
    mkdirSync(join(folder, session), { recursive: true, mode: 0o700 });
    const path = join(folder, session, kind);
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode: 0o400 });
    return pathToFileURL(path).href;
  };
  return {
    async show(session, kind) {
      const content = await text(session, kind);
      if (client().showDocument) {
        const uri = client().content ? `${pageScheme}:/${session}/${kind}` : file(session, kind, content);
        const { success } = await connection.window.showDocument({ uri, takeFocus: false });
        if (success) return;
      }
      face.say("info", content.length > MOST_MESSAGE ? `${content.slice(0, MOST_MESSAGE)}…` : content);
    },
    async read(uri) {
      const [, session, kind] = new RegExp(`^${pageScheme}:/+([^/]+)/([^/]+)$`).exec(uri) ?? [];
      const known = kinds.find((one) => one === kind);
      return session !== undefined && known && sessions.view(session) ? text(session, known) : null;
    },
  };
}

/** It goes with this process, however that ends; what a process left that could not clear up goes now. */
function begin(folder: string): void {
  const all = dirname(folder);
  mkdirSync(all, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(all)) if (!isRunning(Number(name))) remove(join(all, name));
  process.once("exit", () => remove(folder));
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const MOST_MESSAGE = 8_000;
const PAGE = 10_000;

async function envelopesOf({ server }: Face, session: string) {
  const { envelopes, more } = await server.call("sessionRead", { session, limit: PAGE });
  let all = envelopes;
  for (let left = more; left && all[0]; ) {
    const page = await server.call("sessionRead", { session, limit: PAGE, before: all[0].seq });
    all = [...page.envelopes, ...all];
    left = page.more;
  }
  return all;
}

function answerOf(view: SessionView | undefined): string {
  const said = view?.parts.findLast((part) => part.type === "text");
  return said?.type === "text" ? `${said.text.trim()}\n` : "Nothing was said.\n";
}

async function changesOf({ server, sessions }: Face, session: string): Promise<string> {
  const patches: string[] = [];
  for (const { path } of sessions.view(session)?.edits ?? []) {
    const { base, now } = await server.call("editsRead", { session, path });
    patches.push(createTwoFilesPatch(path, path, base ?? "", now ?? ""));
  }
  return patches.length > 0 ? patches.join("") : "No change waits to be looked through.\n";
}
