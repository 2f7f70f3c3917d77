/** What the folder's own files ask for, literally, and the yes to it. */
import type { ResultOf } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import type { Item } from "../app/state.ts";
import { type Line, line } from "../draw/style.ts";
import { wrap } from "../draw/wrap.ts";

type Read = ResultOf<"trustRead">;

const PREVIEW = 60;
const choices = [
  { id: "no", text: "No: nothing of it counts" },
  { id: "without", text: "Trust without running anything" },
  { id: "all", text: "Trust all" },
] as const;

export const isWaiting = ({ granted, own }: Read["items"][number]): boolean => !granted && !own;

/** Made of what was read once: a yes is to that and nothing newer. */
export function trustDialog(read: Read): ListSpec {
  const waits = read.items.filter(({ granted }) => !granted);
  const idsOf = (choice: string): string[] =>
    waits.filter(({ runs }) => choice === "all" || (choice === "without" && !runs)).map(({ id }) => id);
  return {
    title: "What this folder asks for",
    empty: "Its files ask for nothing beside being stricter.",
    items: () => [
      ...(waits.length === 0 ? [] : choices.map(choiceRow(idsOf))),
      ...read.items.map(itemRow),
      ...read.plugins.map(pluginRow),
    ],
    current: () => "no",
    preview: (_, { id }) => (choices.some((one) => one.id === id) ? chosenRows(read, idsOf(id)) : itemRows(read, id)),
    async choose(app, { id }) {
      const items = idsOf(id);
      if (items.length === 0) return;
      await app.server.call("trustGrant", { cwd: app.state().cwd, items });
      app.toast("info", `Trusted: ${items.length} of ${waits.length}.`);
      await lookForTrust(app);
    },
  };
}

/** Notes how much of this folder waits. Where the server tells nobody of it, nothing is said. */
export async function lookForTrust(app: Pick<App, "server" | "set" | "state">): Promise<void> {
  const { items } = await app.server.call("trustRead", { cwd: app.state().cwd }).catch(() => ({ items: [] }));
  app.set({ waits: items.filter(isWaiting).length });
}

/** Colours are written out, too: this is what a person says yes to. */
const literal = (text: string): string => printable(text.replaceAll("\x1b", "\\x1b"));

const choiceRow =
  (idsOf: (choice: string) => string[]) =>
  ({ id, text }: (typeof choices)[number]): Item => ({
    id,
    text,
    group: "Your answer",
    ...(id !== "no" && { right: `${idsOf(id).length}` }),
  });

const itemRow = ({ id, key, shown, granted, changed, runs }: Read["items"][number]): Item => ({
  id,
  text: printable(key),
  detail: literal(shown),
  mark: granted ? "✓" : changed ? "≠" : "",
  right: runs ? "runs or loosens" : "",
  group: granted ? "Granted" : "Waiting",
});

const pluginRow = ({ name, source, shown }: Read["plugins"][number]): Item => ({
  id: `${source}#${name}`,
  text: printable(name),
  detail: literal(shown),
  group: "Plugins, approved one by one",
});

const rows = (text: string, style: Parameters<typeof line>[1] = {}): Line[] => wrap(line(text, style), PREVIEW);

function chosenRows({ items }: Read, ids: readonly string[]): Line[] {
  const chosen = items.filter(({ id }) => ids.includes(id));
  if (chosen.length === 0) return rows("Nothing changes.", { fg: "muted" });
  return chosen.flatMap(({ key, shown }) => [...rows(printable(key), { bold: true }), ...rows(literal(shown)), []]);
}

function itemRows({ items, plugins }: Read, id: string): Line[] {
  const plugin = plugins.find(({ name, source }) => `${source}#${name}` === id);
  const found = plugin ?? items.find((item) => item.id === id);
  if (!found) return [];
  const how = plugin ? [[], ...rows(printable(plugin.how), { fg: "accent" })] : [];
  return [...rows(literal(found.shown)), [], ...rows(printable(found.source), { fg: "muted" }), ...how];
}
