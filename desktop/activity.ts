/** Follows what the sessions of the local server are doing: which run, and which wait for an answer. */
import type { Link } from "../protocol/link.ts";
import { reduce, type SessionView } from "../protocol/view.ts";

export interface RunningSession {
  session: string;
  title: string;
  /** The titles of its open questions. */
  questions: readonly { id: string; title: string }[];
}

export interface Activity {
  stop(): void;
}

const POLL_MS = 2_000;

/** Calls `changed` with the running sessions whenever they or their questions have changed, and at first. `failed`: the link is lost. */
export function followActivity(
  link: Link,
  { changed, failed }: { changed(running: readonly RunningSession[]): void; failed(error: unknown): void },
): Activity {
  const views = new Map<string, SessionView>();
  let running: readonly string[] = [];
  let reported = "";
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const report = (): void => {
    const now = running.flatMap((session) => {
      const view = views.get(session);
      return view ? [{ session, title: view.title, questions: view.questions.map(toTitle) }] : [];
    });
    const text = JSON.stringify(now);
    if (stopped || text === reported) return;
    reported = text;
    changed(now);
  };
  const watch = (session: string): Promise<void> =>
    link.watch(
      session,
      {
        event(envelope) {
          const view = views.get(session);
          if (view) views.set(session, reduce(view, envelope));
          report();
        },
        snapshot(view) {
          views.set(session, view);
          report();
        },
      },
      1,
    );
  const poll = async (): Promise<void> => {
    const { sessions } = await link.call("sessionList", { running: true });
    const own = sessions.filter(({ task }) => task === undefined).map(({ id }) => id);
    const ended = running.filter((session) => !own.includes(session));
    const begun = own.filter((session) => !running.includes(session));
    running = own;
    for (const session of ended) {
      views.delete(session);
      await link.call("sessionUnwatch", { session });
    }
    for (const session of begun) await watch(session);
    report();
    if (!stopped) timer = setTimeout(pollAgain, POLL_MS);
  };
  const pollAgain = (): void => {
    poll().catch((error: unknown) => {
      if (!stopped) failed(error);
    });
  };
  pollAgain();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const toTitle = ({ id, title }: { id: string; title: string }) => ({ id, title });
