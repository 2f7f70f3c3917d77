/** Follows one session while turns run in it: prompts, shows what happens, asks at the terminal, and stops on signals and limits. */
import type { Link } from "../client/link.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Attachment, Envelope, Failure } from "../protocol/events.ts";
import type { Settings } from "../protocol/methods.ts";
import type { ModelUsage } from "../protocol/parts.ts";
import { reduce, type SessionView } from "../protocol/view.ts";
import type { Input } from "./command.ts";
import type { Ended, Printer } from "./print/printer.ts";
import { type Asking, openAsking } from "./questions.ts";
import { type TurnWatch, watchTurn } from "./turn-watch.ts";

export type RunTurn = (text: string, attachments: Attachment[], settings: Settings) => Promise<Ended>;

/** Runs turns in one session, one after another; `limit` milliseconds for all of them. */
export function openFollower(
  input: Input,
  link: Link,
  session: string,
  printer: Printer,
  limit: number | null,
): RunTurn {
  const deadline = limit === null ? null : { at: performance.now() + limit, limit };
  const asking: Asking = openAsking(input.terminal, link, session);
  let view: SessionView | null = null;
  let before: readonly ModelUsage[] | null = null;
  let turn: TurnWatch | null = null;

  const event = (envelope: Envelope): void => {
    if (!view) return;
    view = reduce(view, envelope);
    printer.event(envelope, view);
    asking.event(envelope.event);
    turn?.event(envelope, view);
  };
  const watcher = {
    event,
    snapshot(fresh: SessionView): void {
      view = fresh;
      before ??= fresh.usage;
    },
    lost: (why: Failure): void => turn?.lose(why),
  };
  return async (text, attachments, settings) => {
    const watch = watchTurn();
    turn = watch;
    if (!view) await link.watch(session, watcher);
    const release = onStops(input, link, session, watch, deadline);
    const gone = link.closed.then((why): never => {
      throw new TuttiError("failed", `The server is gone${why ? `: ${why}` : ""}; the session is ${session}.`);
    });
    try {
      const { prompt } = await Promise.race([link.call("turnPrompt", { session, text, attachments, settings }), gone]);
      const ended = await Promise.race([watch.ended(prompt), gone]);
      return { ...ended, spent: spentSince(before ?? [], ended.view.usage) };
    } finally {
      release();
      asking.close();
      gone.catch(() => undefined);
    }
  };
}

function spentSince(before: readonly ModelUsage[], now: readonly ModelUsage[]): ModelUsage[] {
  return now.flatMap((used) => {
    const then = before.find(({ model }) => model === used.model);
    if (!then) return [used];
    if (then.requests === used.requests) return [];
    const cost = used.cost === null ? null : used.cost - (then.cost ?? 0);
    const [input, cached] = [used.input - then.input, used.cached - then.cached];
    const [output, reasoning] = [used.output - then.output, used.reasoning - then.reasoning];
    return [{ ...used, requests: used.requests - then.requests, input, cached, output, reasoning, cost }];
  });
}

/** One Ctrl+C may arrive twice: from the terminal, and from the program that started this one. */
const ECHO_MS = 100;

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The first signal, the time limit, or nobody reading any more stops the turn cleanly; the second signal ends the process. */
function onStops(
  { terminal }: Input,
  link: Link,
  session: string,
  watch: TurnWatch,
  deadline: { at: number; limit: number } | null,
): () => void {
  let stoppedAt: number | null = null;
  const stop = (failure: Failure, exit: number | null = null): void => {
    stoppedAt ??= performance.now();
    watch.stopping ??= { failure, exit };
    link.call("turnCancel", { session }).catch((error) => terminal.error(`tutti: ${String(error)}\n`));
  };
  const again = `\`tutti run --session ${session}\` goes on from here.`;
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const handler = (): void => {
      if (stoppedAt !== null && performance.now() - stoppedAt < ECHO_MS) return;
      if (watch.stopping) process.exit(code);
      stop({ code: "interrupted", message: `Interrupted. ${again}` }, code);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  const readAgain = terminal.onBroken(() => stop({ code: "interrupted", message: "Nobody reads the output." }));
  const tooLong = (): void =>
    stop({ code: "limit", message: `The time limit of ${(deadline?.limit ?? 0) / 1000} s was reached. ${again}` });
  const timer = deadline === null ? undefined : setTimeout(tooLong, Math.max(0, deadline.at - performance.now()));
  return () => {
    clearTimeout(timer);
    readAgain();
    for (const release of handlers) release();
  };
}
