/** Shows what this folder's configuration requests, and lets the user trust it. */
import type { ResultOf } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import type { Item } from "../app/state.ts";
import { type Line, line } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";

type TrustStatus = ResultOf<"trustRead">;

const PREVIEW_COLUMNS = 60;
const choices = [
  { id: "no", text: "Trust nothing" },
  { id: "without", text: "Trust only items that don't run or relax anything" },
  { id: "all", text: "Trust everything" },
] as const;

export const isPending = ({ granted, userOwned }: TrustStatus["items"][number]): boolean => !granted && !userOwned;

/** Works on one snapshot of the configuration: only what was shown can be trusted, and nothing newer. */
export function createTrustDialog(status: TrustStatus): ListSpec {
  const pending = status.items.filter(({ granted }) => !granted);
  const idsOf = (choice: string): string[] =>
    pending.filter(({ runs }) => choice === "all" || (choice === "without" && !runs)).map(({ id }) => id);
  return {
    title: "Trust this folder's configuration",
    empty: "This folder has no configuration that requires your trust.",
    items: () => [
      ...(pending.length === 0 ? [] : choices.map(toChoiceItem(idsOf))),
      ...status.items.map(toItem),
      ...status.plugins.map(toPluginItem),
    ],
    initialItem: () => "no",
    preview: (_, { id }) =>
      choices.some((one) => one.id === id) ? previewChoice(status, idsOf(id)) : previewItem(status, id),
    async choose(app, { id }) {
      const items = idsOf(id);
      if (items.length === 0) return;
      await app.server.call("trustGrant", { cwd: app.state().cwd, items });
      app.toast("info", `Trusted ${items.length} of ${pending.length} items.`);
      await refreshPendingTrust(app);
    },
  };
}

/** Updates the number of items that wait for the user's trust; 0 if the server does not answer. */
export async function refreshPendingTrust(app: Pick<App, "server" | "set" | "state">): Promise<void> {
  const { items } = await app.server.call("trustRead", { cwd: app.state().cwd }).catch(() => ({ items: [] }));
  app.set({ pendingTrust: items.filter(isPending).length });
}

/** Escapes color sequences too: the user must see exactly what they trust. */
const escapeText = (text: string): string => printable(text.replaceAll("\x1b", "\\x1b"));

const toChoiceItem =
  (idsOf: (choice: string) => string[]) =>
  ({ id, text }: (typeof choices)[number]): Item => ({
    id,
    text,
    group: "Your decision",
    ...(id !== "no" && { right: `${idsOf(id).length}` }),
  });

const toItem = ({ id, key, text, granted, changed, runs }: TrustStatus["items"][number]): Item => ({
  id,
  text: printable(key),
  detail: escapeText(text),
  mark: granted ? "✓" : changed ? "≠" : "",
  right: runs ? "runs or relaxes" : "",
  group: granted ? "Trusted" : "Not trusted",
});

const toPluginItem = ({ name, source, text }: TrustStatus["plugins"][number]): Item => ({
  id: `${source}#${name}`,
  text: printable(name),
  detail: escapeText(text),
  group: "Plugins (approved one by one)",
});

const wrapText = (text: string, style: Parameters<typeof line>[1] = {}): Line[] =>
  wrapLine(line(text, style), PREVIEW_COLUMNS);

function previewChoice({ items }: TrustStatus, ids: readonly string[]): Line[] {
  const selected = items.filter(({ id }) => ids.includes(id));
  if (selected.length === 0) return wrapText("Nothing will change.", { fg: "muted" });
  return selected.flatMap(({ key, text }) => [
    ...wrapText(printable(key), { bold: true }),
    ...wrapText(escapeText(text)),
    [],
  ]);
}

function previewItem({ items, plugins }: TrustStatus, id: string): Line[] {
  const plugin = plugins.find(({ name, source }) => `${source}#${name}` === id);
  const item = plugin ?? items.find((one) => one.id === id);
  if (!item) return [];
  const instructions = plugin ? [[], ...wrapText(printable(plugin.approveCommand), { fg: "accent" })] : [];
  return [
    ...wrapText(escapeText(item.text)),
    [],
    ...wrapText(printable(item.source), { fg: "muted" }),
    ...instructions,
  ];
}
