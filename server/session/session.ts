/**
 * One live session: commands append events to the log, and one turn runs at a time. Its state is a fold of the log (state.ts);
 * beyond the log it holds only what is in progress: the running turn and the open questions.
 */
import { TuttiError } from "../../protocol/errors.ts";
import type {
  Answer,
  Attachment,
  Author,
  Envelope,
  EventOf,
  Failure,
  SessionEvent,
  Settings,
} from "../../protocol/events.ts";
import type { PromptSettings } from "../../protocol/session-methods.ts";
import type { SessionSettings } from "../../protocol/session-settings.ts";
import type { TogetherEvent } from "../../protocol/together.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { QuestionRequest, Resolution, TurnResult } from "../agent/turn-context.ts";
import type { Hash } from "../ports.ts";
import { COMPACT_AGENT } from "./history.ts";
import type { Log } from "./log.ts";
import type { SeqRange } from "./log-format.ts";
import { createQuestions } from "./questions.ts";
import { createDamageNotices, endOpenItems, endTasks } from "./recovery.ts";
import { createSessionState } from "./state.ts";
import { createTurns, type TurnSession, type TurnWork } from "./turn-lifecycle.ts";

export const SERVER_AUTHOR: Author = { kind: "server", id: "server", name: "tutti" };

const MAX_QUEUE = 100;

export interface SessionDeps {
  log: Log;
  past: readonly Envelope[];
  damaged: readonly SeqRange[];
  hash: Hash;
  /** True if a participant is connected who may answer a question. */
  canAnswer(): boolean;
  /** Runs one turn; may throw, which ends the turn as failed. */
  runTurn(session: TurnSession, settings: Settings, compaction?: { focus: string }): Promise<TurnResult>;
  agent: string;
  /** Saves an "always allow" rule for later sessions. */
  saveRule(rule: string): Promise<void>;
  /** Rules that users always allowed in the session that started this one. */
  inheritedRules(): readonly string[];
}

type RecordedEvent = EventOf<
  | "session.titled"
  | "session.archived"
  | "notice.shown"
  | "file.changed"
  | "edits.accepted"
  | "usage.counted"
  | "task.started"
  | "task.ended"
  | TogetherEvent["type"]
>;

export interface Session {
  view(): SessionView;
  /** The whole log. */
  envelopes(): readonly Envelope[];
  /** `onFailure` is called if a turn has stopped but its end cannot be written: it sends no further event. */
  watch(watcher: (envelope: Envelope) => void, onFailure?: (failure: Failure) => void): () => void;
  /** Starts a turn, or queues the prompt. On disk when it resolves. Omitted settings are those of the previous prompt. */
  prompt(
    text: string,
    attachments: Attachment[],
    settings: PromptSettings,
    by: Author,
  ): Promise<{ prompt: string; turn?: string }>;
  /** Runs a turn without a prompt by this agent; rejected while another turn runs. */
  runCommandTurn(text: string, agent: string, work: TurnWork, by: Author): Promise<{ turn: string }>;
  /** Compacts the history in a turn without a prompt; rejected while another turn runs. */
  compact(focus: string, by: Author): Promise<{ turn: string }>;
  steer(turn: string, text: string, by: Author): Promise<{ prompt: string }>;
  /** Resolves when the turn has ended; at once if none runs. */
  cancel(): Promise<void>;
  /** Resolves when no turn runs and no queued prompt follows. */
  idle(): Promise<void>;
  /** Sends the queued prompts that wait since the user stopped a turn. */
  resumeQueue(): Promise<void>;
  changeQueue(event: EventOf<"prompt.edited" | "prompt.dropped" | "prompt.moved">, by: Author): Promise<void>;
  answer(question: string, digest: string, answer: Answer, by: Author): Promise<void>;
  record(event: RecordedEvent, by: Author): Promise<void>;
  /** Records what the current view leads to, if anything: nothing comes between reading the view and writing. */
  decide(toEvent: (view: SessionView) => RecordedEvent | null, by: Author): Promise<void>;
  /** Shows progress of a subagent; no effect on a closed session. */
  showProgress(event: EventOf<"task.progress">, by: Author): void;
  /** Asks a question of a subagent. Null if no one can answer, or the signal fired first; its reason is shown. */
  ask(request: QuestionRequest & { task: object }, by: Author, signal: AbortSignal): Promise<Resolution | null>;
  /** Rules that users always allowed in this session. */
  approvedRules(): readonly string[];
  /** Cancels the running turn and closes the log. */
  close(): Promise<void>;
}

export async function openSession(deps: SessionDeps): Promise<Session> {
  const { log, hash, canAnswer, saveRule } = deps;
  const state = createSessionState(deps.past);
  log.watch(state.add);
  const { view } = state;
  const append = (event: SessionEvent, by: Author): Envelope => log.append(by, event);
  const sync = (): Promise<void> => log.sync();
  const agent: Author = { kind: "agent", id: deps.agent, name: deps.agent };
  const server = SERVER_AUTHOR;
  const questions = createQuestions({ state, append, sync, hash, canAnswer, saveRule, agent, server });
  const approvedRules = (): string[] => [...deps.inheritedRules(), ...state.approvedRules()];
  const turns = createTurns({ log, state, questions, agent, server, approvedRules, runPrompt: deps.runTurn });
  let closed = false;

  /** Ends what a crash or a full disk left open. */
  const endLeftovers = async (): Promise<void> => {
    const missing = [...createDamageNotices(view(), deps.damaged), ...endOpenItems(view())];
    for (const event of missing) append(event, SERVER_AUTHOR);
    if (missing.length > 0) await sync();
  };
  for (const event of endTasks(view())) append(event, SERVER_AUTHOR);
  await endLeftovers();

  const checkOpen = async (): Promise<void> => {
    if (closed) throw new TuttiError("notFound", "This session is closed.");
    if (!turns.running()) await endLeftovers();
  };
  const appendAndSync = async (event: SessionEvent, by: Author): Promise<void> => {
    append(event, by);
    await sync();
  };

  const decide: Session["decide"] = async (toEvent, by) => {
    await checkOpen();
    const event = toEvent(view());
    if (event) await appendAndSync(event, by);
  };
  const runCommandTurn: Session["runCommandTurn"] = async (text, name, work, by) => {
    await checkOpen();
    refuseWhileRunning(turns.running());
    const turn = turns.startWork({ text, attachments: [] }, name, work, by);
    await sync();
    return { turn };
  };

  return {
    view,
    envelopes: state.envelopes,
    watch(watcher, onFailure) {
      const stops = [log.watch(watcher), ...(onFailure ? [turns.onFailure(onFailure)] : [])];
      return () => {
        for (const stop of stops) stop();
      };
    },
    async prompt(text, attachments, changes, by) {
      await checkOpen();
      checkQueueSpace(view());
      const prompt = `p${view().seq + 1}`;
      const settings = resolveSettings(view().settings, changes);
      if (!turns.running() && (view().queue.length === 0 || view().queueWaits)) {
        const turn = turns.startPrompt({ prompt, text, attachments, settings }, by);
        await sync();
        return { prompt, turn };
      }
      await appendAndSync({ type: "prompt.queued", prompt, text, attachments, settings }, by);
      if (!turns.running()) turns.startNextQueued();
      return { prompt };
    },
    async resumeQueue() {
      await checkOpen();
      turns.resumeQueue();
      await sync();
    },
    runCommandTurn,
    compact(focus, by) {
      const settings = resolveSettings(view().settings, {});
      const compact: TurnWork = (session) => deps.runTurn(session, settings, { focus });
      return runCommandTurn(`/compact ${focus}`.trim(), COMPACT_AGENT, compact, by);
    },
    async steer(turn, text, by) {
      await checkOpen();
      const running = turns.running();
      if (running?.turn !== turn || running.settings === null) {
        const now = running ? `${running.turn} is running` : "no turn is running";
        throw new TuttiError("conflict", `Turn ${turn} is not running; ${now}.`, { turn: running?.turn ?? null });
      }
      checkQueueSpace(view());
      const prompt = `p${view().seq + 1}`;
      const { settings } = running;
      await appendAndSync({ type: "prompt.queued", prompt, text, attachments: [], steers: turn, settings }, by);
      return { prompt };
    },
    cancel: turns.cancel,
    idle: turns.idle,
    async changeQueue(event, by) {
      await checkOpen();
      if (!view().queue.some(({ id }) => id === event.prompt)) {
        throw new TuttiError("notFound", `There is no queued prompt ${event.prompt}; it may have started.`);
      }
      await appendAndSync(event, by);
    },
    async answer(question, digest, answer, by) {
      await checkOpen();
      await questions.answer(question, digest, answer, by);
    },
    record: (event, by) => decide(() => event, by),
    decide,
    showProgress(event, by) {
      if (!closed) append(event, by);
    },
    ask: (request, by, signal) => checkOpen().then(() => questions.ask(request, signal, by)),
    approvedRules,
    async close() {
      closed = true;
      questions.abandonAll();
      await turns.close();
      log.close();
    },
  };
}

/** The settings that a prompt runs with: null resets one to the configured default. */
function resolveSettings(current: SessionSettings, changes: PromptSettings): Settings {
  // A model and a tier exclude each other: the one that was chosen last counts.
  const { model, tier, ...others } = current;
  const kept = {
    ...others,
    ...(model !== undefined && changes.tier == null && { model }),
    ...(tier !== undefined && changes.model == null && { tier }),
  };
  const chosen = { ...kept, ...changes };
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value != null)) as Settings;
}

function refuseWhileRunning(running: { turn: string } | null): void {
  if (!running) return;
  const { turn } = running;
  throw new TuttiError("conflict", "A turn is running; wait for it to end, or cancel it.", { turn });
}

function checkQueueSpace({ queue }: SessionView): void {
  if (queue.length < MAX_QUEUE) return;
  throw new TuttiError("busy", `${MAX_QUEUE} prompts are already queued; remove one or wait for the turn to end.`);
}
