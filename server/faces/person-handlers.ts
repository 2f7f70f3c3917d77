/** What a person does by hand in a session: a command line of their own, a note for the project. */
import { join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import type { Handlers, Settings } from "../../protocol/methods.ts";
import type { TurnResult } from "../agent/turn.ts";
import type { Files, Hash, PathLock } from "../ports.ts";
import { SHELL } from "../session/history.ts";
import type { TurnSession } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import { withNote } from "../workspace/notes.ts";

export interface PersonHandlerParts {
  sessions: Pick<Sessions<Settings>, "open">;
  files: Files;
  lock: PathLock;
  hash: Hash;
  run(session: TurnSession, command: string, by: Author): Promise<TurnResult>;
}

const MOST_NOTES = 1024 * 1024;

export function personHandlers(parts: PersonHandlerParts): Pick<Handlers, "shellRun" | "noteAdd"> {
  const { sessions, files, lock, hash, run } = parts;
  return {
    async shellRun({ session, command }, { author }) {
      const live = await sessions.open(session);
      return live.perform(`!${command}`, SHELL, (turn) => run(turn, command, author), author);
    },
    async noteAdd({ session, text }, { author }) {
      const live = await sessions.open(session);
      const { cwd } = live.view();
      const path = join(cwd, "AGENTS.md");
      const { real, linked, kind, size } = await files.facts(path);
      if (kind !== "file" && kind !== "missing") throw new TuttiError("storage", `${path} is not a file.`);
      if (linked && !real.startsWith(`${cwd}/`))
        throw new TuttiError("storage", `${path} leads out of the folder, to ${real}; nothing was written.`);
      if (size > MOST_NOTES) throw new TuttiError("storage", `${path} is too large to add to.`);
      await lock(real, async () => {
        const before = kind === "file" ? Buffer.from(await files.read(real, MOST_NOTES)) : null;
        const whole = withNote(before?.toString("utf8") ?? "", text);
        const after = Buffer.from(whole, "utf8");
        await files.write(real, after);
        const added = whole.split("\n").length - (before?.toString("utf8").split("\n").length ?? 1);
        const change = { path: real, before: before && hash(before), after: hash(after), added, removed: 0 };
        await live.record({ type: "file.changed", change }, author);
      });
      const said = `Noted in ${path}: ${text}. New sessions are told; this one with the next prompt.`;
      await live.record({ type: "notice.shown", level: "info", text: said, note: text }, author);
      return { path };
    },
  };
}
