/** What hook commands get as input about the session that they are called for. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { HookEvent } from "../../protocol/plugin.ts";
import type { Mode } from "../../protocol/settings.ts";
import { SERVER_AUTHOR, type Session } from "../session/session.ts";
import type { HookedSession } from "./claude-hook-input.ts";
import type { TranscriptSession, Transcripts } from "./transcripts.ts";

export interface HookSession {
  isSubagent: boolean;
  describe(): HookedSession;
  /** Writes the transcripts for a hook of this event. If a transcript cannot be written, hooks do not get its path, and a warning is shown. */
  writeTranscripts(event: HookEvent): Promise<HookedSession>;
}

interface HookSessionDeps {
  /** The configured mode. */
  mode: Mode;
  transcripts: Transcripts;
}

/** Events at which the response of the current step is complete. */
const SETTLED = new Set<HookEvent>(["tool.before", "tool.after", "permission.asked", "turn.ended", "session.ended"]);

/** `open`: the open sessions, one of which has this id. */
export function createHookSession(
  open: readonly Session[],
  id: string,
  { mode, transcripts }: HookSessionDeps,
): HookSession {
  const find = (wanted: string): Session | undefined => open.find(({ view }) => view().id === wanted);
  const session = find(id);
  if (!session) throw new TuttiError("notFound", `Session ${id} is not open.`);
  const { task } = session.view();
  const rootId = task?.root ?? id;
  const root = find(rootId);
  let warned = false;
  const describe = (): HookedSession => {
    const { settings, model, agent } = session.view();
    return {
      id: rootId,
      transcript: transcripts.path(rootId),
      mode: settings.mode ?? mode,
      model,
      agent: task ? { id, name: agent, transcript: transcripts.path(id) } : null,
    };
  };
  const write = async (of: TranscriptSession, settled: boolean): Promise<string> => {
    try {
      return await transcripts.update(of, settled);
    } catch (error) {
      const text = `Hooks get no transcript of this session: ${describeError(error)}`;
      // A closed session has no one to warn.
      if (!warned)
        session.record({ type: "notice.shown", level: "warning", text }, SERVER_AUTHOR).catch(() => undefined);
      warned = true;
      return "";
    }
  };
  return {
    isSubagent: task !== undefined,
    describe,
    async writeTranscripts(event) {
      const own = await write(session, SETTLED.has(event));
      const described = describe();
      if (!described.agent) return { ...described, transcript: own };
      const transcript = root ? await write(root, false) : described.transcript;
      return { ...described, transcript, agent: { ...described.agent, transcript: own } };
    },
  };
}
