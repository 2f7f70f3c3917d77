/**
 * One live session: commands come in, events go into the log, one turn runs at a time. What it knows is the view and the history,
 * both folds of its log; beside them it holds only what is under way: the turn's cancel switch and the questions that wait.
 */

import { TuttiError } from "../../protocol/errors.ts";
import type {
  Attachment,
  Author,
  Envelope,
  EventOf,
  Failure,
  FileChange,
  SessionEvent,
} from "../../protocol/events.ts";
import type { Question } from "../../protocol/parts.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../protocol/view.ts";
import type { Answer, AskedQuestion, TurnResult } from "../agent/turn.ts";
import type { Hash } from "../ports.ts";
import { createHistory, type History } from "./history.ts";
import type { Log } from "./log.ts";
import { endsOfWhatIsOpen, noticesOfDamage } from "./recover.ts";

export const server: Author = { kind: "server", id: "server", name: "tutti" };

const QUEUE_MOST = 100;
const QUESTIONS_MOST = 8;

/** What a turn sees of its session. */
export interface TurnSession {
  turn: string;
  signal: AbortSignal;
  view(): SessionView;
  history: History;
  append(event: SessionEvent, by?: Author): Envelope;
  sync(): Promise<void>;
  takeSteering(): EventOf<"turn.steered">[];
  ask(question: AskedQuestion): Promise<Answer | null>;
  /** Rules that people allowed for good in this session. */
  approved(): readonly string[];
  /** Every change of a file so far, oldest first. */
  changes(): FileChange[];
}

export interface SessionParts<Options> {
  log: Log;
  past: readonly Envelope[];
  damaged: readonly number[];
  hash: Hash;
  /** True where someone is there who may answer a question. */
  canAnswer(): boolean;
  /** Runs one turn; may throw, which ends the turn as failed. */
  runTurn(session: TurnSession, options: Options): Promise<TurnResult>;
  agent: string;
  /** Keeps a rule that a person allowed for good, for later sessions too. */
  keep(rule: string): Promise<void>;
}

export interface Session<Options> {
  view(): SessionView;
  /** All that was said, for readers that page. */
  envelopes(): readonly Envelope[];
  /** `lost` is told where a turn has stopped, but its end cannot be written: what was watched so far is all there is. */
  watch(watcher: (envelope: Envelope) => void, lost?: (why: Failure) => void): () => void;
  /** Written and on disk when it resolves. Starts a turn, or waits in the queue behind the one that runs. */
  prompt(
    text: string,
    attachments: Attachment[],
    options: Options,
    by: Author,
  ): Promise<{ prompt: string; turn?: string }>;
  /** Does something that is no prompt, as a turn of its own by this agent; refused while another turn runs. */
  perform(
    text: string,
    agent: string,
    work: (session: TurnSession) => Promise<TurnResult>,
    by: Author,
  ): Promise<{ turn: string }>;
  steer(turn: string, text: string, by: Author): Promise<{ prompt: string }>;
  /** Resolves when the turn has ended; at once where none runs. */
  cancel(): Promise<void>;
  /** Resolves when nothing runs and nothing waits. */
  rested(): Promise<void>;
  queue(event: EventOf<"prompt.edited" | "prompt.dropped" | "prompt.moved">, by: Author): Promise<void>;
  answer(question: string, digest: string, answer: string, by: Author): Promise<void>;
  record(
    event: EventOf<
      "session.titled" | "session.archived" | "notice.shown" | "file.changed" | "edits.kept" | "usage.counted"
    >,
    by: Author,
  ): Promise<void>;
  /** Cancels what runs, and lets go of the log. */
  close(): Promise<void>;
}

export async function openSession<Options>(parts: SessionParts<Options>): Promise<Session<Options>> {
  const { log, hash } = parts;
  const envelopes: Envelope[] = [...parts.past];
  let view = reduceAll(emptyView, envelopes);
  const history = createHistory();
  const approved: string[] = [];
  const waiting = new Map<string, (answer: Answer | null) => void>();
  const decided = new Map<string, Author>();
  const optionsOf = new Map<string, Options>();
  const losers = new Set<(why: Failure) => void>();
  /** `options` are null where what runs is no prompt. */
  let running: { turn: string; options: Options | null; cancel: AbortController; ended: Promise<void> } | null = null;
  let closed = false;

  const learn = (before: SessionView, { by, event }: Envelope): void => {
    // What was allowed in the session that this one was copied or imported from was not allowed here.
    if (event.type === "session.opened") approved.length = 0;
    if (event.type !== "question.answered") return;
    decided.set(event.question, by);
    const always = before.questions.find(({ id }) => id === event.question)?.always;
    if (event.answer === "always" && always !== undefined) approved.push(always);
  };
  {
    let seen = emptyView;
    for (const envelope of envelopes) {
      history.add(envelope);
      learn(seen, envelope);
      if (envelope.event.type === "question.asked" || envelope.event.type === "question.answered") {
        seen = reduce(seen, envelope);
      }
    }
  }
  log.watch((envelope) => {
    learn(view, envelope);
    envelopes.push(envelope);
    view = reduce(view, envelope);
    history.add(envelope);
  });

  const append = (event: SessionEvent, by: Author): Envelope => log.append(by, event);
  const agent: Author = { kind: "agent", id: parts.agent, name: parts.agent };

  /** Ends what a crash, or a full disk, left open. */
  const mend = async (): Promise<void> => {
    const missing = [...noticesOfDamage(view, parts.damaged), ...endsOfWhatIsOpen(view)];
    for (const event of missing) append(event, server);
    if (missing.length > 0) await log.sync();
  };
  await mend();

  const begin = (
    start: Omit<EventOf<"turn.started">, "type" | "turn" | "agent">,
    options: Options,
    by: Author,
  ): { turn: string } => startTurn(start, parts.agent, options, (session) => parts.runTurn(session, options), by);

  function startTurn(
    start: Omit<EventOf<"turn.started">, "type" | "turn" | "agent">,
    name: string,
    options: Options | null,
    work: (session: TurnSession) => Promise<TurnResult>,
    by: Author,
  ): { turn: string } {
    const turn = freeTurn(view);
    append({ type: "turn.started", turn, agent: name, ...start }, by);
    const cancel = new AbortController();
    const ended = run(turn, cancel, work).catch(lose).then(next);
    running = { turn, options, cancel, ended };
    return { turn };
  }

  async function run(
    turn: string,
    cancel: AbortController,
    work: (session: TurnSession) => Promise<TurnResult>,
  ): Promise<void> {
    let result: TurnResult;
    let over = false;
    const ofTurn = (event: SessionEvent, by = agent): Envelope => {
      // A tool that was given up may still change the world, and that is told; everything else of the turn has its end already.
      if (over && event.type !== "file.changed") throw new TuttiError("conflict", `Turn ${turn} has ended.`);
      return append(event, by);
    };
    try {
      await log.sync();
      result = await work({
        turn,
        signal: cancel.signal,
        view: () => view,
        history,
        append: ofTurn,
        sync: () => log.sync(),
        takeSteering: () => steering(turn),
        ask: (question) => ask(question, cancel.signal),
        approved: () => approved,
        changes: () => envelopes.flatMap(({ event }) => (event.type === "file.changed" ? [event.change] : [])),
      });
    } catch (error) {
      cancel.abort();
      result = { outcome: "failed", failure: failureOf(error) };
    }
    over = true;
    const ends = endsOfWhatIsOpen(view).filter(({ type }) => type !== "turn.ended");
    for (const event of ends) append(event, server);
    append({ type: "turn.ended", turn, ...result }, agent);
    await log.sync();
  }

  function lose(error: unknown): void {
    const why = failureOf(error);
    for (const lost of [...losers]) lost(why);
  }

  /** What a turn that ends, however it ends, leaves to do. A log that cannot be written is mended by the next command. */
  function next(): void {
    running = null;
    for (const [, give] of waiting) give(null);
    waiting.clear();
    const [first] = view.queue;
    if (closed || !first || view.activity.state === "running") return;
    const options = optionsOf.get(first.id);
    if (options === undefined) return;
    try {
      begin({ prompt: first.id, text: first.text, attachments: [...first.attachments] }, options, first.by);
    } catch {
      // The disk refuses: the prompt stays in the queue, and the next command says why.
      return;
    }
  }

  const steering = (turn: string): EventOf<"turn.steered">[] =>
    view.queue
      .filter(({ steers }) => steers === turn)
      .map(({ id, text }) => ({ type: "turn.steered", turn, prompt: id, text }));

  async function ask(asked: AskedQuestion, signal: AbortSignal): Promise<Answer | null> {
    if (signal.aborted || !parts.canAnswer() || view.questions.length >= QUESTIONS_MOST) return null;
    const digest = hash(JSON.stringify([asked.title, asked.detail, asked.choices, asked.always ?? null]));
    const question = `q${view.seq + 1}`;
    // Who sees the question may answer at once, so the ear is there before it is asked.
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    waiting.set(question, resolve);
    const expire = (): void => waiting.get(question)?.(null);
    signal.addEventListener("abort", expire, { once: true });
    let given: Answer | null;
    try {
      append({ type: "question.asked", question, digest, ...asked }, agent);
      await log.sync();
      if (signal.aborted) expire();
      given = await promise;
    } finally {
      signal.removeEventListener("abort", expire);
      waiting.delete(question);
    }
    const open = view.questions.some(({ id }) => id === question);
    if (!given && open) append({ type: "question.expired", question, reason: "the turn was stopped" }, server);
    return given;
  }

  const held = (): void => {
    if (view.queue.length < QUEUE_MOST) return;
    throw new TuttiError("busy", `${QUEUE_MOST} prompts are waiting already; drop one or wait for the turn to end.`);
  };
  const open = async (): Promise<void> => {
    if (closed) throw new TuttiError("notFound", "This session is closed.");
    if (!running) await mend();
  };

  return {
    view: () => view,
    envelopes: () => envelopes,
    watch(watcher, lost) {
      const stop = log.watch(watcher);
      if (lost) losers.add(lost);
      return () => {
        stop();
        if (lost) losers.delete(lost);
      };
    },
    async prompt(text, attachments, options, by) {
      await open();
      held();
      const prompt = `p${view.seq + 1}`;
      if (!running && view.queue.length === 0) {
        const { turn } = begin({ prompt, text, attachments }, options, by);
        await log.sync();
        return { prompt, turn };
      }
      append({ type: "prompt.queued", prompt, text, attachments }, by);
      optionsOf.set(prompt, options);
      for (const { id } of view.queue) if (!optionsOf.has(id)) optionsOf.set(id, options);
      await log.sync();
      if (!running) next();
      return { prompt };
    },
    async perform(text, name, work, by) {
      await open();
      if (running)
        throw new TuttiError("conflict", "A turn runs; wait for its end, or stop it.", { turn: running.turn });
      const { turn } = startTurn({ text, attachments: [] }, name, null, work, by);
      await log.sync();
      return { turn };
    },
    async steer(turn, text, by) {
      await open();
      if (running?.turn !== turn || running.options === null) {
        const now = running ? `${running.turn} runs now` : "nothing runs now";
        throw new TuttiError("conflict", `Turn ${turn} is not running; ${now}.`, { turn: running?.turn ?? null });
      }
      held();
      const prompt = `p${view.seq + 1}`;
      append({ type: "prompt.queued", prompt, text, attachments: [], steers: turn }, by);
      optionsOf.set(prompt, running.options);
      await log.sync();
      return { prompt };
    },
    async cancel() {
      if (!running) return;
      running.cancel.abort();
      await running.ended;
    },
    async rested() {
      while (running) await running.ended;
    },
    async queue(event, by) {
      await open();
      if (!view.queue.some(({ id }) => id === event.prompt)) {
        throw new TuttiError("notFound", `There is no prompt ${event.prompt} in the queue; it may have started.`);
      }
      append(event, by);
      await log.sync();
    },
    async answer(question, digest, answer, by) {
      await open();
      const asked = view.questions.find(({ id }) => id === question);
      const give = waiting.get(question);
      if (!asked || !give) throw notOpen(question, decided.get(question));
      checkAnswer(asked, digest, answer);
      append({ type: "question.answered", question, answer, ...(answer === "always" && { remember: true }) }, by);
      waiting.delete(question);
      let kept: Answer | null = null;
      try {
        await log.sync();
        kept = { answer, by };
        if (answer === "always" && asked.always !== undefined) await parts.keep(asked.always);
      } finally {
        // An answer that is not on the disk does not count, but the turn must not wait for it for ever.
        give(kept);
      }
    },
    async record(event, by) {
      await open();
      append(event, by);
      await log.sync();
    },
    async close() {
      closed = true;
      running?.cancel.abort();
      await running?.ended;
      log.close();
    },
  };
}

/** Its number, or a later one where a damaged record hid that there was such a turn. */
function freeTurn(view: SessionView): string {
  const taken = new Set(view.parts.map((part) => ("turn" in part ? part.turn : "")));
  for (let number = view.turns + 1; ; number++) if (!taken.has(`t${number}`)) return `t${number}`;
}

function notOpen(question: string, by: Author | undefined): TuttiError {
  if (by) return new TuttiError("conflict", `This was already decided by ${by.name}.`, { by: by.name });
  return new TuttiError("notFound", `There is no open question ${question}.`);
}

function checkAnswer({ digest, choices, freeText }: Question, shown: string, answer: string): void {
  if (shown !== digest) {
    throw new TuttiError(
      "conflict",
      "The answer is to something else than what is asked now; look at the question again.",
    );
  }
  if (!freeText && !choices.some(({ id }) => id === answer)) {
    throw new TuttiError("usage", `The answer must be one of: ${choices.map(({ id }) => id).join(", ")}.`);
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof TuttiError) return { code: error.code, message: error.message };
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}
