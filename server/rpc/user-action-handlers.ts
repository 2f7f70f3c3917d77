/** The user's own actions in a session: a shell command, a note for the project. */
import { join, relative } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { TurnResult } from "../agent/turn-context.ts";
import { instructionNames } from "../instructions/agents-md.ts";
import type { Blobs, FileStat, Files, Hash, PathLock } from "../ports.ts";
import { SHELL_AGENT } from "../session/history.ts";
import type { Sessions } from "../session/sessions.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { diffTexts } from "../tools/apply-file-change.ts";
import { addNote } from "../workspace/notes.ts";
import { decodeText, encodeText, lineEnd } from "../workspace/text-file.ts";
import { isWithin } from "../workspace/within.ts";

export interface UserHandlerDeps {
  sessions: Pick<Sessions, "open">;
  files: Files;
  lock: PathLock;
  hash: Hash;
  blobs(session: string): Blobs;
  runShellCommand(session: TurnSession, command: string, by: Author): Promise<TurnResult>;
}

const MAX_BYTES = 1024 * 1024;

export function createUserHandlers(deps: UserHandlerDeps): Pick<Handlers, "shellRun" | "noteAdd"> {
  const { sessions, files, lock, hash, blobs, runShellCommand } = deps;
  return {
    async shellRun({ session, command }, { author }) {
      if (command.trim() === "") throw new TuttiError("usage", "The command is empty.");
      const live = await sessions.open(session);
      return live.runCommandTurn(`!${command}`, SHELL_AGENT, (turn) => runShellCommand(turn, command, author), author);
    },
    async noteAdd({ session, text }, { author }) {
      if (text.trim() === "") throw new TuttiError("usage", "The note is empty.");
      const live = await sessions.open(session);
      const { cwd } = live.view();
      const path = await resolveNotesFile(files, cwd);
      await lock(path, async () => {
        const before = await readBytes(files, path);
        const file = before === null ? EMPTY_FILE : decodeText(before);
        if (!file) throw new TuttiError("storage", `${path} is not text; nothing was written.`);
        const content = addNote(file.text, text, lineEnd(file.text));
        const after = encodeText({ ...file, text: content });
        if ("problem" in after) throw new TuttiError("storage", after.problem);
        if (before !== null) await blobs(session).put(before);
        await files.write(path, after);
        const { added, removed } = await diffTexts(path, file.text, content);
        const change = { path, before: before && hash(before), after: hash(after), added, removed };
        await live.record({ type: "file.changed", change }, author);
      });
      const message = `Added to ${relative(cwd, path)}. It applies to new sessions, and to this one from the next prompt.`;
      await live.record({ type: "notice.shown", level: "info", text: message, note: text.trim() }, author);
      return { path };
    },
  };
}

const EMPTY_FILE = { text: "", encoding: "utf8", mark: false } as const;

/** The folder's instructions file, links resolved. A new AGENTS.md next to a CLAUDE.md would hide the latter. */
async function resolveNotesFile(files: Files, root: string): Promise<string> {
  const all = await Promise.all(instructionNames.map((name) => files.stat(join(root, name))));
  const { kind, real } = all.find((stat) => stat.kind !== "missing") ?? (all[0] as FileStat);
  if (!isWithin(real, root))
    throw new TuttiError("storage", `The instructions file is outside the folder, at ${real}; nothing was written.`);
  if (kind !== "file" && kind !== "missing")
    throw new TuttiError("storage", `${real} is not a file; nothing was written.`);
  return real;
}

/** Null if there is no file. */
async function readBytes(files: Files, path: string): Promise<Uint8Array | null> {
  const { kind, size } = await files.stat(path);
  if (kind === "missing") return null;
  if (size > MAX_BYTES) throw new TuttiError("storage", `${path} is larger than 1 MiB; nothing was written.`);
  return files.read(path, MAX_BYTES);
}
