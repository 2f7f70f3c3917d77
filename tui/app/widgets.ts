/**
 * Requests the content of plugin widgets: when a slot or the information that widgets receive has changed, and when a widget has asked
 * to be refreshed. At most once a second and one request at a time for each slot; none if no plugin has a widget. Nothing waits for a
 * response: until it arrives, the slot stays empty.
 */
import { isColorName } from "../../client/theme.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { WidgetSlot } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { currentSession, listSlotAreas, type SlotArea } from "../screens/widgets.ts";
import type { App } from "./app.ts";
import { currentFolder, type State, type WidgetContent } from "./state.ts";

export interface WidgetRenderer {
  /** Sets the widgets of active plugins, and requests all of them again. */
  setWidgets(widgets: readonly WidgetInfo[]): void;
  /** Call after each frame, with its state. */
  afterDraw(state: State): void;
  /** Requests the content of this slot again, without the usual delay. */
  refresh(slot: WidgetSlot): void;
}

export interface WidgetInfo {
  plugin: string;
  name: string;
  title: string;
  slots: readonly WidgetSlot[];
}

type RenderedWidget = ResultOf<"widgetsRender">["widgets"][number];

const MIN_INTERVAL_MS = 1_000;

export function createWidgetRenderer(app: App): WidgetRenderer {
  let widgets: readonly WidgetInfo[] = [];
  const pollers = new Map<WidgetSlot, SlotPoller>();

  const setContent = (slot: WidgetSlot, session: string | null, content: readonly WidgetContent[]): void => {
    const before = app.state().widgets;
    const at = before.session === session ? before.at : {};
    if (JSON.stringify(at[slot] ?? []) !== JSON.stringify(content))
      app.set({ widgets: { session, at: { ...at, [slot]: content } } });
  };
  const titleOf = ({ plugin, widget }: RenderedWidget): string =>
    widgets.find((one) => one.plugin === plugin && one.name === widget)?.title ?? widget;
  const requestContent = async ({ slot, width, height }: SlotArea): Promise<number | null> => {
    const state = app.state();
    const session = currentSession(state);
    const { widgets: rendered } = await app.server
      .call("widgetsRender", { cwd: currentFolder(state), session, slot, width, height })
      .catch(() => ({ widgets: [] as RenderedWidget[] }));
    // The user may have switched to another session.
    if (currentSession(app.state()) === session) {
      const content = rendered.flatMap((widget) => toWidgetContent(widget, titleOf(widget)));
      setContent(slot, session, content);
    }
    const intervals = rendered.flatMap(({ refreshMs }) => refreshMs ?? []);
    return intervals.length === 0 ? null : Math.min(...intervals);
  };
  return {
    setWidgets(current) {
      widgets = current;
      for (const poller of pollers.values()) poller.stop();
      const { session, at } = app.state().widgets;
      const used = Object.entries(at).filter(([slot]) =>
        current.some(({ slots }) => slots.includes(slot as WidgetSlot)),
      );
      // Triggers a frame, after which the content is requested.
      app.set({ widgets: { session, at: Object.fromEntries(used) } });
    },
    afterDraw(state) {
      if (widgets.length === 0) return;
      const areas = listSlotAreas(state).filter(({ slot }) => widgets.some(({ slots }) => slots.includes(slot)));
      for (const [slot, poller] of pollers) if (!areas.some((area) => area.slot === slot)) poller.stop();
      for (const area of areas) {
        const poller = pollers.get(area.slot) ?? createSlotPoller(requestContent);
        pollers.set(area.slot, poller);
        poller.update(area, JSON.stringify([area, ...widgetInputs(state)]));
      }
    },
    refresh: (slot) => pollers.get(slot)?.refresh(),
  };
}

/** Everything that a widget receives: as long as it is the same, so is the content. */
function widgetInputs(state: State): unknown[] {
  const { view } = state;
  return [
    currentFolder(state),
    currentSession(state),
    view && [view.title, view.model, view.activity.state, view.contextUsed, view.context, view.usage],
  ];
}

interface SlotPoller {
  /** The slot is visible. `key` identifies everything that the content depends on. */
  update(area: SlotArea, key: string): void;
  /** The slot is no longer visible. */
  stop(): void;
  /** The content may have changed although `key` is the same. */
  refresh(): void;
}

/** `request` never rejects, and resolves with the number of milliseconds after which to request again. */
function createSlotPoller(request: (area: SlotArea) => Promise<number | null>): SlotPoller {
  let area: SlotArea | null = null;
  let key = "";
  let requestedKey = "";
  let requestedAt = Number.NEGATIVE_INFINITY;
  let isRequesting = false;
  let due = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const cancel = (): void => {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
  };
  const scheduleRequest = (afterMs: number): void => {
    const now = performance.now();
    const when = Math.max(now + afterMs, requestedAt + MIN_INTERVAL_MS);
    if (isRequesting || when >= due) return;
    cancel();
    due = when;
    timer = setTimeout(() => void run(), Math.max(0, when - now)).unref();
  };
  const run = async (): Promise<void> => {
    due = Number.POSITIVE_INFINITY;
    if (!area) return;
    isRequesting = true;
    requestedKey = key;
    requestedAt = performance.now();
    const refreshMs = await request(area);
    isRequesting = false;
    if (!area) return;
    if (requestedKey !== key) scheduleRequest(0);
    else if (refreshMs !== null) scheduleRequest(refreshMs);
  };
  return {
    update(currentArea, currentKey) {
      area = currentArea;
      key = currentKey;
      if (key !== requestedKey) scheduleRequest(0);
    },
    refresh() {
      requestedKey = "";
      requestedAt = Number.NEGATIVE_INFINITY;
      scheduleRequest(0);
    },
    stop() {
      area = null;
      requestedKey = "";
      cancel();
    },
  };
}

function toWidgetContent({ plugin, widget, lines }: RenderedWidget, title: string): WidgetContent[] {
  const rows = lines.map((row) => row.map((one) => span(oneLine(one.text), toStyle(one))));
  if (rows.every((row: Line) => row.length === 0)) return [];
  return [{ plugin, widget, title: oneLine(title), lines: rows }];
}

const oneLine = (text: string): string => printable(text).replaceAll("\t", " ");

/** Ignores colors that no theme has. */
const toStyle = ({ fg = "", bg = "", bold, italic }: RenderedWidget["lines"][number][number]): Style => ({
  ...(isColorName(fg) && { fg }),
  ...(isColorName(bg) && { bg }),
  ...(bold && { bold }),
  ...(italic && { italic }),
});
