/** Runs prompts in one session: prints events, asks questions at the terminal, and stops on signals and time limits. */

import { describeDisconnect } from "../client/errors.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Attachment, Envelope, Failure, Settings } from "../protocol/events.ts";
import type { Link, SessionWatcher } from "../protocol/link.ts";
import { monotonic } from "../protocol/monotonic.ts";
import type { ModelUsage } from "../protocol/parts.ts";
import { reduce, type SessionView } from "../protocol/view.ts";
import type { CommandInput } from "./command.ts";
import type { Printer, RunResult } from "./print/printer.ts";
import { createQuestionPrompter, type QuestionPrompter } from "./questions.ts";
import { type TurnWatch, watchTurn } from "./turn-watch.ts";

export type RunTurn = (text: string, attachments: Attachment[], settings: Settings) => Promise<RunResult>;

/** Returns a function that runs one turn after another. `limit`: milliseconds for all of them. */
export function followSession(
  input: CommandInput,
  link: Link,
  session: string,
  printer: Printer,
  limit: number | null,
): RunTurn {
  const deadline = limit === null ? null : { at: monotonic() + limit, limit };
  const asking: QuestionPrompter = createQuestionPrompter(input.terminal, link, session);
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
  const watcher: SessionWatcher = {
    event,
    snapshot(fresh: SessionView): void {
      view = fresh;
      before ??= fresh.usage;
    },
    failed: (failure) => turn?.fail(failure),
  };
  return async (text, attachments, settings) => {
    const watch = watchTurn();
    turn = watch;
    if (!view) await link.watch(session, watcher);
    const release = interruptOnSignal(input, link, session, watch, deadline);
    const disconnected = link.closed.then((reason): never => {
      throw new TuttiError("failed", `${describeDisconnect(reason)} The session is ${session}.`);
    });
    try {
      const { prompt } = await Promise.race([
        link.call("turnPrompt", { session, text, attachments, settings }),
        disconnected,
      ]);
      const ended = await Promise.race([watch.ended(prompt), disconnected]);
      return { ...ended, usage: usageSince(before ?? [], ended.view.usage) };
    } finally {
      release();
      asking.close();
      disconnected.catch(() => undefined);
    }
  };
}

function usageSince(before: readonly ModelUsage[], now: readonly ModelUsage[]): ModelUsage[] {
  return now.flatMap((used) => {
    const previous = before.find(({ model }) => model === used.model);
    if (!previous) return [used];
    if (previous.requests === used.requests) return [];
    const cost = used.cost === null ? null : used.cost - (previous.cost ?? 0);
    const [input, cached] = [used.input - previous.input, used.cached - previous.cached];
    const [output, reasoning] = [used.output - previous.output, used.reasoning - previous.reasoning];
    return [{ ...used, requests: used.requests - previous.requests, input, cached, output, reasoning, cost }];
  });
}

/** Ctrl+C may arrive twice: from the terminal, and from the launcher. */
const ECHO_MS = 100;

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The first signal, the time limit or a closed output interrupts the turn; a second signal ends the process. */
function interruptOnSignal(
  { terminal }: CommandInput,
  link: Link,
  session: string,
  watch: TurnWatch,
  deadline: { at: number; limit: number } | null,
): () => void {
  let stoppedAt: number | null = null;
  const interrupt = (failure: Failure, exit: number | null = null): void => {
    stoppedAt ??= monotonic();
    watch.interruption ??= { failure, exit };
    link.call("turnCancel", { session }).catch((error) => terminal.error(`tutti: ${String(error)}\n`));
  };
  const resumeHint = `Continue with \`tutti run --session ${session}\`.`;
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const handler = (): void => {
      if (stoppedAt !== null && monotonic() - stoppedAt < ECHO_MS) return;
      if (watch.interruption) process.exit(code);
      interrupt({ code: "interrupted", message: `Interrupted. ${resumeHint}` }, code);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  const stopListening = terminal.onOutputError(() =>
    interrupt({ code: "interrupted", message: "Standard output was closed." }),
  );
  const timeLimitReached = (): void =>
    interrupt({
      code: "limit",
      message: `Reached the time limit of ${(deadline?.limit ?? 0) / 1000} s. ${resumeHint}`,
    });
  const timer = deadline === null ? undefined : setTimeout(timeLimitReached, Math.max(0, deadline.at - monotonic()));
  return () => {
    clearTimeout(timer);
    stopListening();
    for (const release of handlers) release();
  };
}
