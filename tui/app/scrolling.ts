/** Scrolls the transcript: by rows, to prompts and calls, and to search matches. */
import type { CallPart, Part } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { isFoldable } from "../screens/parts.ts";
import { isUnfolded } from "../screens/transcript.ts";
import type { App } from "./app.ts";
import type { Folds, Search } from "./state.ts";

export function scrollBy(app: App, rows: number): void {
  const { view, scroll, folds } = app.state();
  if (!view) return;
  stopFollowing(app);
  const to = app.transcript.scrollBy(view.parts, scroll, folds, app.pageRows(), rows);
  app.set({ scroll: to }, "key");
  const isAtTop = !to.follows && to.part === view.parts[0]?.id && to.row === 0;
  if (rows < 0 && isAtTop && view.earlier > 0) app.attempt(async () => void (await app.server.fetchEarlier("page")));
}

export function scrollToPart(app: App, part: string): void {
  const { view, folds } = app.state();
  if (view) app.set({ scroll: app.transcript.scrollToPart(view.parts, part, folds, app.pageRows()) }, "key");
}

/** Scrolls to the last call that changed this file. */
export function scrollToFile(app: App, path: string): void {
  withAllParts(app, (parts) => {
    const call = parts.findLast((part) => part.type === "call" && part.kind === "edit" && touchesPath(part, path));
    if (call) scrollToPart(app, call.id);
  });
}

const touchesPath = ({ locations }: CallPart, path: string): boolean => locations.some((one) => one.path === path);

export function scrollTo(app: App, target: "first" | "previousPrompt" | "nextPrompt" | "previousCall" | "nextCall") {
  const { view, scroll, folds } = app.state();
  const parts = view?.parts ?? [];
  if (target === "first") {
    return withAllParts(app, ([first]) => {
      if (first) scrollToPart(app, first.id);
    });
  }
  const [top] = app.transcript.visibleRows(parts, scroll, folds, app.pageRows());
  const topIndex = top ? parts.indexOf(top.part) : -1;
  const type = target.endsWith("Call") ? "call" : "prompt";
  const hasType = (part: Part): boolean => part.type === type;
  const found = target.startsWith("previous")
    ? parts.slice(0, top && top.row > 1 ? topIndex + 1 : Math.max(0, topIndex)).findLast(hasType)
    : parts.slice(topIndex + 1).find(hasType);
  if (found) scrollToPart(app, found.id);
  else if (target.startsWith("next")) app.set({ scroll: { follows: true } }, "key");
}

/** Folds or unfolds this part; without one, the last visible part that can be folded. */
export function toggleFold(app: App, part?: string): void {
  const { view, scroll, folds } = app.state();
  if (!view) return;
  const shown = app.transcript.visibleRows(view.parts, scroll, folds, app.pageRows());
  const id = part ?? shown.findLast((row) => isFoldable(row.part))?.part.id;
  if (id === undefined) return;
  const toggled = new Set(folds.toggled);
  if (!toggled.delete(id)) toggled.add(id);
  app.set({ folds: { ...folds, toggled } }, "key");
}

export function searchTranscript(app: App, text: string) {
  const query = text.trim().toLowerCase();
  if (query === "") return app.set({ search: null }, "key");
  withAllParts(app, (all) => {
    const parts = all.filter((part) => searchableText(part).toLowerCase().includes(query)).map(({ id }) => id);
    if (parts.length === 0) return app.toast("info", `No match for ${JSON.stringify(text)}.`);
    app.set({ search: { text: query, parts, current: parts.length, row: { index: 0, count: 0 } } });
    stepMatch(app, -1);
  });
}

/** Runs the work on all parts of the session, after fetching those that are not loaded yet. */
function withAllParts(app: App, work: (parts: readonly Part[]) => void) {
  const { view } = app.state();
  if (!view || view.earlier === 0) return work(view?.parts ?? []);
  app.attempt(async () => {
    await app.server.fetchEarlier("all");
    const { id, parts } = app.server.currentView() ?? { id: "", parts: [] };
    if (id !== view.id) return;
    app.set({ view: app.server.currentView() });
    work(parts);
  });
}

export function stepMatch(app: App, by: 1 | -1): void {
  const { search } = app.state();
  if (!search) return;
  const next = search.row.index + by;
  const current = (search.current + by + search.parts.length) % search.parts.length;
  if (next >= 0 && next < search.row.count) showMatch(app, search, next);
  else showMatch(app, { ...search, current }, by > 0 ? 0 : -1);
}

/** Scrolls to this matching row of the current part, counted from the end if it is negative. */
function showMatch(app: App, search: Search, at: number): void {
  const { view, folds: before } = app.state();
  const id = search.parts[search.current] ?? "";
  const part = view?.parts.find((one) => one.id === id);
  if (!view || !part) return;
  const folds = unfoldPart(before, part);
  // Rows are found anew each time: another width has other rows.
  const rows = app.transcript.findRows(view.parts, id, folds, search.text);
  const index = Math.max(0, Math.min(at < 0 ? rows.length + at : at, rows.length - 1));
  const scroll = app.transcript.scrollToPart(view.parts, id, folds, app.pageRows(), rows[index]);
  app.set({ search: { ...search, row: { index, count: rows.length } }, folds, scroll }, "key");
}

function unfoldPart(folds: Folds, part: Part): Folds {
  if (!isFoldable(part) || isUnfolded(part, folds)) return folds;
  const toggled = new Set(folds.toggled);
  if (!toggled.delete(part.id)) toggled.add(part.id);
  return { ...folds, toggled };
}

function searchableText(part: Part): string {
  switch (part.type) {
    case "prompt":
    case "text":
    case "reasoning":
    case "notice":
      return part.text;
    case "call":
      return `${part.title}\n${part.output}\n${part.diff ?? ""}`;
    case "compaction":
      return part.reason;
    default:
      return part satisfies never;
  }
}

/** This user scrolls: the view is their own again. */
function stopFollowing(app: App): void {
  const { following, participants } = app.state();
  if (!following) return;
  const name = participants.participants.find(({ id }) => id === following.id)?.name ?? "";
  app.set({ following: null });
  app.toast("info", `You do not follow ${printable(name)} any more.`);
}
