/** What this user does with others in a session: takes the wheel, raises a hand, comments. */
import { createPresenceReporter } from "../../client/presence-reporter.ts";
import { printable } from "../../protocol/printable.ts";
import type { CommentTarget } from "../../protocol/together-events.ts";
import type { App } from "./app.ts";
import type { State } from "./state.ts";

export function withSession(app: App, work: (session: string) => Promise<unknown>) {
  const session = app.state().view?.id;
  if (session === undefined) return app.toast("info", "No session yet. Send a prompt to start one.");
  app.attempt(async () => void (await work(session)));
}

/** Takes the wheel, or asks who drives by raising a hand. */
export function takeWheel(app: App) {
  const { view, participants, self } = app.state();
  const role = participants.participants.find(({ id }) => id === self)?.role;
  const driver = view?.wheel?.driver;
  if (driver && driver.id !== "owner" && driver.id === self) return app.toast("info", "You drive already.");
  withSession(app, async (session) => {
    if (!driver || role === "owner") await app.server.call("wheelTake", { session });
    else {
      await app.server.call("presenceUpdate", { session, hand: true });
      app.toast("info", `${printable(driver.name)} drives. You have raised your hand to ask for the wheel.`);
    }
  });
}

export function toggleHand(app: App): void {
  const { participants, self } = app.state();
  const isRaised = participants.participants.some(({ id, hand }) => id === self && hand === true);
  withSession(app, (session) => app.server.call("presenceUpdate", { session, hand: !isRaised }));
}

/** `PATH:LINE TEXT` comments on a line of a changed file, other text on the part at the top of the screen. */
export function addComment(app: App, input: string): void {
  const add = (typed: string): void => {
    const text = typed.trim();
    if (text !== "")
      withSession(app, (session) => app.server.call("commentAdd", { session, ...parseComment(app, text) }));
  };
  if (input !== "") add(input);
  else app.openInput("Comment", "Text, or PATH:LINE and a text for a line of a diff", "", add);
}

/** A hand comes down when its owner gets the wheel. */
export function lowerHand(app: App, driver: string | undefined): void {
  const { participants, self } = app.state();
  const isRaised = participants.participants.some(({ id, hand }) => id === self && hand === true);
  if (isRaised && driver === self) toggleHand(app);
}

function parseComment(app: App, input: string): { target: CommentTarget; text: string } {
  const [, path, line, text] = /^(\S+):(\d+)\s+([\s\S]+)$/.exec(input) ?? [];
  const { view, scroll, folds } = app.state();
  const parts = view?.parts ?? [];
  if (path === undefined || line === undefined || text === undefined || Number(line) === 0) {
    const [top] = scroll.follows ? [] : app.transcript.visibleRows(parts, scroll, folds, app.pageRows());
    const part = top?.part ?? parts.at(-1);
    return { target: part ? { part: part.id } : {}, text: input };
  }
  const absolute = path.startsWith("/") ? path : `${view?.cwd ?? ""}/${path}`;
  const call = parts.findLast(
    (part) => part.type === "call" && part.kind === "edit" && part.locations.some((one) => one.path === absolute),
  );
  return {
    target: { ...(call && { part: call.id }), at: { path: absolute, line: Number(line), side: "after" } },
    text,
  };
}

/** Says what this user does. Without effect where that fails: the next time says it again. */
export function createReporter(app: App) {
  const { typed, viewing } = createPresenceReporter(
    () => app.state().view === null || app.state().participants.count < 2,
    (update) => {
      const session = app.state().view?.id;
      if (session !== undefined) app.server.call("presenceUpdate", { session, ...update }).catch(() => undefined);
    },
  );
  return { typed, afterDraw: ({ scroll }: State): void => viewing(scroll.follows ? "" : scroll.part) };
}
