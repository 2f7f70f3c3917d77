/** Moving through the transcript: by rows, to prompts, to what was searched for. */
import type { CallPart, Part } from "../../protocol/parts.ts";
import { folds } from "../screens/parts.ts";
import type { App } from "./app.ts";

export function scrollBy(app: App, rows: number): void {
  const { view, scroll, folds: how } = app.state();
  if (!view) return;
  const to = app.transcript.moved(view.parts, scroll, how, app.page(), rows);
  app.set({ scroll: to }, "key");
  const atTop = !to.follows && to.part === view.parts[0]?.id && to.row === 0;
  if (rows < 0 && atTop && view.earlier > 0) app.attempt(async () => void (await app.server.older("page")));
}

export function toPart(app: App, part: string): void {
  const { view, folds: how } = app.state();
  if (view) app.set({ scroll: app.transcript.at(view.parts, part, how, app.page()) }, "key");
}

/** To the last call that changed this file. */
export function toFile(app: App, path: string): void {
  whole(app, (all) => {
    const call = all.findLast((part) => part.type === "call" && part.kind === "edit" && isAt(part, path));
    if (call) toPart(app, call.id);
  });
}

const isAt = ({ locations }: CallPart, path: string): boolean => locations.some((one) => one.path === path);

export function scrollTo(app: App, where: "first" | "previousPrompt" | "nextPrompt" | "previousCall" | "nextCall") {
  const { view, scroll, folds: how } = app.state();
  const parts = view?.parts ?? [];
  if (where === "first") {
    return whole(app, (all) => {
      if (all[0]) toPart(app, all[0].id);
    });
  }
  const [top] = app.transcript.window(parts, scroll, how, app.page());
  const at = top ? parts.indexOf(top.part) : -1;
  const type = where.endsWith("Call") ? "call" : "prompt";
  const isOne = (part: Part): boolean => part.type === type;
  const found = where.startsWith("previous")
    ? parts.slice(0, top && top.row > 1 ? at + 1 : Math.max(0, at)).findLast(isOne)
    : parts.slice(at + 1).find(isOne);
  if (found) toPart(app, found.id);
  else if (where.startsWith("next")) app.set({ scroll: { follows: true } }, "key");
}

/** The last part in the window that can be unfolded, or the one that is named. */
export function turnFold(app: App, part?: string): void {
  const { view, scroll, folds: how } = app.state();
  if (!view) return;
  const shown = app.transcript.window(view.parts, scroll, how, app.page());
  const id = part ?? shown.findLast((row) => folds(row.part))?.part.id;
  if (id === undefined) return;
  const turned = new Set(how.turned);
  if (!turned.delete(id)) turned.add(id);
  app.set({ folds: { ...how, turned } }, "key");
}

export function search(app: App, text: string) {
  const word = text.trim().toLowerCase();
  if (word === "") return app.set({ search: null }, "key");
  whole(app, (all) => {
    const parts = all.filter((part) => said(part).toLowerCase().includes(word)).map(({ id }) => id);
    if (parts.length === 0) return app.toast("info", `Nothing here says ${JSON.stringify(text)}.`);
    app.set({ search: { text: word, parts, at: parts.length }, focus: "transcript" });
    stepFound(app, -1);
  });
}

/** What is done with every part there is; those that were not needed so far are fetched before. */
function whole(app: App, work: (parts: readonly Part[]) => void) {
  const { view } = app.state();
  if (!view || view.earlier === 0) return work(view?.parts ?? []);
  app.attempt(async () => {
    await app.server.older("all");
    const { id, parts } = app.server.take() ?? { id: "", parts: [] };
    if (id !== view.id) return;
    app.set({ view: app.server.take() });
    work(parts);
  });
}

export function stepFound(app: App, by: 1 | -1): void {
  const { search: found, folds: how } = app.state();
  if (!found) return;
  const at = (found.at + by + found.parts.length) % found.parts.length;
  const part = found.parts[at] ?? "";
  // What is folded away cannot be found by looking.
  const turned = how.all ? how.turned : new Set([...how.turned, part]);
  app.set({ search: { ...found, at }, folds: { ...how, turned } }, "key");
  toPart(app, part);
}

function said(part: Part): string {
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
