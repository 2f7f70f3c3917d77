/** What a person does by hand in a session: a command line of their own, a note for the project. */
import { join, relative } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { TurnResult } from "../agent/turn-context.ts";
import { instructionNames } from "../instructions/agents-md.ts";
import type { Blobs, FileStat, Files, Hash, PathLock } from "../ports.ts";
import { SHELL_AGENT } from "../session/history.ts";
import type { Sessions } from "../session/sessions.ts";
import type { TurnSession } from "../session/turns.ts";
import { diffTexts } from "../tools/change.ts";
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

const MOST_BYTES = 1024 * 1024;

export function userHandlers(parts: UserHandlerDeps): Pick<Handlers, "shellRun" | "noteAdd"> {
  const { sessions, files, lock, hash, blobs, runShellCommand } = parts;
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
      const path = await notesFile(files, cwd);
      await lock(path, async () => {
        const before = await bytesOf(files, path);
        const file = before === null ? emptyFile : decodeText(before);
        if (!file) throw new TuttiError("storage", `${path} is not text; nothing was written.`);
        const noted = addNote(file.text, text, lineEnd(file.text));
        const after = encodeText({ ...file, text: noted });
        if ("problem" in after) throw new TuttiError("storage", after.problem);
        if (before !== null) await blobs(session).put(before);
        await files.write(path, after);
        const { added, removed } = await diffTexts(path, file.text, noted);
        const change = { path, before: before && hash(before), after: hash(after), added, removed };
        await live.record({ type: "file.changed", change }, author);
      });
      const said = `Noted in ${relative(cwd, path)}. New sessions are told of it; this one is with the next prompt.`;
      await live.record({ type: "notice.shown", level: "info", text: said, note: text.trim() }, author);
      return { path };
    },
  };
}

const emptyFile = { text: "", encoding: "utf8", mark: false } as const;

/** Where the folder's instructions really lie; a new AGENTS.md beside a CLAUDE.md would hide what that says. */
async function notesFile(files: Files, root: string): Promise<string> {
  const all = await Promise.all(instructionNames.map((name) => files.stat(join(root, name))));
  const { kind, real } = all.find((facts) => facts.kind !== "missing") ?? (all[0] as FileStat);
  if (!isWithin(real, root))
    throw new TuttiError("storage", `The instructions lie outside of the folder, at ${real}; nothing was written.`);
  if (kind !== "file" && kind !== "missing")
    throw new TuttiError("storage", `${real} is not a file, so nothing can be noted there.`);
  return real;
}

/** Null where there is no file yet. */
async function bytesOf(files: Files, path: string): Promise<Uint8Array | null> {
  const { kind, size } = await files.stat(path);
  if (kind === "missing") return null;
  if (size > MOST_BYTES) throw new TuttiError("storage", `${path} has more than 1 MiB; nothing was written.`);
  return files.read(path, MOST_BYTES);
}
