/** The turns of a session: what they can access, and the single end of each. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { Author, Envelope, EventOf, Failure, FileChange, SessionEvent, Settings } from "../../protocol/events.ts";
import type { QueuedPrompt } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { QuestionRequest, Resolution, TurnResult } from "../agent/turn-context.ts";
import type { History } from "./history.ts";
import type { Log } from "./log.ts";
import type { Questions } from "./questions.ts";
import { endOpenItems } from "./recovery.ts";
import type { SessionState } from "./state.ts";

/** A turn's access to its session. */
export interface TurnSession {
  turn: string;
  signal: AbortSignal;
  view(): SessionView;
  /** The whole log. */
  envelopes(): readonly Envelope[];
  history: History;
  append(event: SessionEvent, by?: Author): Envelope;
  sync(): Promise<void>;
  takeSteering(): EventOf<"turn.steered">[];
  ask(request: QuestionRequest): Promise<Resolution | null>;
  /** Rules that users always allowed in this session. */
  approvedRules(): readonly string[];
  /** Every change of a file so far, oldest first. */
  changes(): FileChange[];
}

/** May throw, which ends the turn as failed. */
export type TurnWork = (session: TurnSession) => Promise<TurnResult>;

export interface TurnsDeps {
  log: Log;
  state: SessionState;
  questions: Questions;
  agent: Author;
  server: Author;
  approvedRules(): readonly string[];
  /** Runs the turn of a prompt; may throw, which ends the turn as failed. */
  runPrompt(session: TurnSession, settings: Settings): Promise<TurnResult>;
}

type TurnStart = Omit<EventOf<"turn.started">, "type" | "turn" | "agent">;

/** `settings` are null if the running turn has no prompt. */
export interface RunningTurn {
  turn: string;
  settings: Settings | null;
}

/** The turns of a session: one runs at a time; when it ends, the next queued prompt starts. */
export interface Turns {
  running(): RunningTurn | null;
  startPrompt(start: TurnStart & { settings: Settings }, by: Author): string;
  /** Starts a turn without a prompt, by this agent. */
  startWork(start: TurnStart, agent: string, work: TurnWork, by: Author): string;
  /** Starts the next queued prompt unless the queue waits. Call this only if no turn runs. */
  startNextQueued(): void;
  /** Starts the next queued prompt even if the queue waits. */
  resumeQueue(): void;
  /** Resolves when the running turn has ended; at once if none runs. */
  cancel(): Promise<void>;
  /** Resolves when no turn runs and no queued prompt follows. */
  idle(): Promise<void>;
  /** Calls the listener if a turn has stopped but its end cannot be written. Returns a function that removes it. */
  onFailure(listener: (failure: Failure) => void): () => void;
  /** Cancels the running turn and starts no other. */
  close(): Promise<void>;
}

export function createTurns(deps: TurnsDeps): Turns {
  const { log, state, questions } = deps;
  const { view } = state;
  const failureListeners = new Set<(failure: Failure) => void>();
  let current: (RunningTurn & { cancel: AbortController; ended: Promise<void> }) | null = null;
  let closed = false;

  const authorOf = ({ agent }: Settings): Author =>
    agent === undefined ? deps.agent : { kind: "agent", id: agent, name: agent };
  const start = (event: TurnStart & { agent: string }, by: Author, work: TurnWork, author = deps.agent): string => {
    const turn = createTurnId(view());
    log.append(by, { type: "turn.started", turn, ...event });
    const cancel = new AbortController();
    const ended = runTurn(deps, turn, author, cancel, work).catch(reportFailure).then(startNextQueued);
    current = { turn, settings: event.settings ?? null, cancel, ended };
    return turn;
  };
  const startPrompt: Turns["startPrompt"] = (event, by) => {
    const author = authorOf(event.settings);
    const work: TurnWork = (session) => deps.runPrompt(session, event.settings);
    return start({ ...event, agent: author.name }, by, work, author);
  };

  function reportFailure(error: unknown): void {
    const failure = toFailure(error);
    for (const listener of [...failureListeners]) listener(failure);
  }

  /** Runs after each turn. If its end could not be written, the next command ends what it left open. */
  function startNextQueued(): void {
    current = null;
    questions.abandonOwn();
    const [first] = view().queue;
    if (closed || !first || view().queueWaits || view().activity.state === "running") return;
    try {
      startPrompt(toStart(first, view()), first.by);
    } catch {
      // The disk failed: the prompt stays in the queue, and the next command reports the reason.
      return;
    }
  }

  return {
    running: () => current,
    startPrompt,
    resumeQueue() {
      const [first] = view().queue;
      if (!closed && !current && first) startPrompt(toStart(first, view()), first.by);
    },
    startWork: (event, agent, work, by) => start({ ...event, agent }, by, work),
    startNextQueued,
    async cancel() {
      current?.cancel.abort();
      await current?.ended;
    },
    async idle() {
      while (current) await current.ended;
    },
    onFailure(listener) {
      failureListeners.add(listener);
      return () => failureListeners.delete(listener);
    },
    async close() {
      closed = true;
      current?.cancel.abort();
      await current?.ended;
    },
  };
}

/** Prompts from logs without settings run with those of the session. */
const toStart = ({ id, text, attachments, settings }: QueuedPrompt, view: SessionView) => ({
  prompt: id,
  text,
  attachments: [...attachments],
  settings: settings ?? view.settings,
});

/** Resolves when the end of the turn is on disk; rejects if the log cannot be written. */
async function runTurn(
  { log, state, questions, server, approvedRules }: TurnsDeps,
  turn: string,
  agent: Author,
  cancel: AbortController,
  work: TurnWork,
): Promise<void> {
  let result: TurnResult;
  let ended = false;
  const append = (event: SessionEvent, by = agent): Envelope => {
    // An abandoned tool may still change files, which is recorded; everything else of the turn has ended.
    if (ended && event.type !== "file.changed") throw new TuttiError("conflict", `Turn ${turn} has ended.`);
    return log.append(by, event);
  };
  try {
    await log.sync();
    result = await work({
      turn,
      signal: cancel.signal,
      view: state.view,
      envelopes: state.envelopes,
      history: state.history,
      append,
      sync: () => log.sync(),
      takeSteering: () => listSteering(state.view(), turn),
      ask: (request) => questions.ask(request, cancel.signal, agent),
      approvedRules,
      changes: state.changes,
    });
  } catch (error) {
    cancel.abort();
    result = { outcome: "failed", failure: toFailure(error) };
  }
  ended = true;
  const ends = endOpenItems(state.view()).filter(({ type }) => type !== "turn.ended");
  for (const event of ends) log.append(server, event);
  log.append(agent, { type: "turn.ended", turn, ...result });
  await log.sync();
}

const listSteering = ({ queue }: SessionView, turn: string): EventOf<"turn.steered">[] =>
  queue
    .filter(({ steers }) => steers === turn)
    .map(({ id, text }) => ({ type: "turn.steered", turn, prompt: id, text }));

function toFailure(error: unknown): Failure {
  if (error instanceof TuttiError) return { code: error.code, message: error.message };
  return { code: "failed", message: describeError(error) };
}

/** The next number, or a later one if a damaged record hid a turn. */
function createTurnId(view: SessionView): string {
  const taken = new Set(view.parts.map((part) => ("turn" in part ? part.turn : "")));
  for (let number = view.turns + 1; ; number++) if (!taken.has(`t${number}`)) return `t${number}`;
}
