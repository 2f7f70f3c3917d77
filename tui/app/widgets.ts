/**
 * Asks the widgets of plugins for what they show: when the place or what they may know of the session is another than when they were
 * asked last, and when the time has come that they asked for. At most once a second, one question at a time for each place, and none
 * where no plugin has a widget. Nothing waits for an answer; without one a place is empty.
 */
import { isColorName } from "../../client/theme.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { WidgetSlot } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { type Place, placesOf, sessionOf } from "../screens/widgets.ts";
import type { App } from "./app.ts";
import { folderOf } from "./folder.ts";
import type { ShownWidget, State } from "./state.ts";

export interface Widgets {
  /** Those that approved plugins have; all are asked again. */
  are(known: readonly KnownWidget[]): void;
  /** This is drawn now. */
  drawn(state: State): void;
  /** What stands in this place may be another now: it is asked at once. */
  again(slot: WidgetSlot): void;
}

export interface KnownWidget {
  plugin: string;
  name: string;
  title: string;
  slots: readonly WidgetSlot[];
}

type Told = ResultOf<"widgetsRender">["widgets"][number];

const LEAST_MS = 1_000;

export function createWidgets(app: App): Widgets {
  let known: readonly KnownWidget[] = [];
  const seats = new Map<WidgetSlot, Seat>();

  const put = (slot: WidgetSlot, session: string | null, shown: readonly ShownWidget[]): void => {
    const before = app.state().widgets;
    const at = before.session === session ? before.at : {};
    if (JSON.stringify(at[slot] ?? []) !== JSON.stringify(shown))
      app.set({ widgets: { session, at: { ...at, [slot]: shown } } });
  };
  const titleOf = ({ plugin, widget }: Told): string =>
    known.find((one) => one.plugin === plugin && one.name === widget)?.title ?? widget;
  const ask = async ({ slot, width, height }: Place): Promise<number | null> => {
    const state = app.state();
    const session = sessionOf(state);
    const answer = await app.server
      .call("widgetsRender", { cwd: folderOf(state), session, slot, width, height })
      .catch(() => ({ widgets: [] as Told[] }));
    // Another session may be shown by now.
    if (sessionOf(app.state()) === session)
      put(
        slot,
        session,
        answer.widgets.flatMap((one) => shownOf(one, titleOf)),
      );
    const waits = answer.widgets.flatMap(({ refreshMs }) => refreshMs ?? []);
    return waits.length === 0 ? null : Math.min(...waits);
  };
  return {
    are(now) {
      known = now;
      for (const seat of seats.values()) seat.leave();
      const { session, at } = app.state().widgets;
      const kept = Object.entries(at).filter(([slot]) => now.some(({ slots }) => slots.includes(slot as WidgetSlot)));
      // Draws, which asks again.
      app.set({ widgets: { session, at: Object.fromEntries(kept) } });
    },
    drawn(state) {
      if (known.length === 0) return;
      const places = placesOf(state).filter(({ slot }) => known.some(({ slots }) => slots.includes(slot)));
      for (const [slot, seat] of seats) if (!places.some((place) => place.slot === slot)) seat.leave();
      for (const place of places) {
        const seat = seats.get(place.slot) ?? createSeat(ask);
        seats.set(place.slot, seat);
        seat.take(place, JSON.stringify([place, ...factsOf(state)]));
      }
    },
    again: (slot) => seats.get(slot)?.again(),
  };
}

/** All that a widget may know: where it is the same, so is what it shows. */
function factsOf(state: State): unknown[] {
  const { view } = state;
  return [
    folderOf(state),
    sessionOf(state),
    view && [view.title, view.model, view.activity.state, view.contextUsed, view.context, view.usage],
  ];
}

interface Seat {
  /** The place is there, and `key` is all that the answer depends on. */
  take(place: Place, key: string): void;
  /** The place is not there any more. */
  leave(): void;
  /** Something that `key` does not tell of may have changed the answer. */
  again(): void;
}

/** `ask` never rejects, and says after how many milliseconds it wants to be asked again. */
function createSeat(ask: (place: Place) => Promise<number | null>): Seat {
  let place: Place | null = null;
  let key = "";
  let asked = "";
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking = false;
  let due = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const cancel = (): void => {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
  };
  const plan = (afterMs: number): void => {
    const now = performance.now();
    const when = Math.max(now + afterMs, askedAt + LEAST_MS);
    if (asking || when >= due) return;
    cancel();
    due = when;
    timer = setTimeout(() => void run(), Math.max(0, when - now)).unref();
  };
  const run = async (): Promise<void> => {
    due = Number.POSITIVE_INFINITY;
    if (!place) return;
    asking = true;
    asked = key;
    askedAt = performance.now();
    const again = await ask(place);
    asking = false;
    if (!place) return;
    if (asked !== key) plan(0);
    else if (again !== null) plan(again);
  };
  return {
    take(now, at) {
      place = now;
      key = at;
      if (key !== asked) plan(0);
    },
    again() {
      asked = "";
      askedAt = Number.NEGATIVE_INFINITY;
      plan(0);
    },
    leave() {
      place = null;
      asked = "";
      cancel();
    },
  };
}

function shownOf(told: Told, titleOf: (told: Told) => string): ShownWidget[] {
  const lines = told.lines.map((row) => row.map((one) => span(oneLine(one.text), styleOf(one))));
  if (lines.every((row: Line) => row.length === 0)) return [];
  return [{ plugin: told.plugin, widget: told.widget, title: oneLine(titleOf(told)), lines }];
}

const oneLine = (text: string): string => printable(text).replaceAll("\t", " ");

/** A color that no theme has is left out. */
const styleOf = ({ fg = "", bg = "", bold, italic }: Told["lines"][number][number]): Style => ({
  ...(isColorName(fg) && { fg }),
  ...(isColorName(bg) && { bg }),
  ...(bold && { bold }),
  ...(italic && { italic }),
});
