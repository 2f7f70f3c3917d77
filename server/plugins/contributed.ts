/** What plugins contribute to screens, checked and cut: nothing of it can hold what a terminal acts on, or more than its place. */

import { pluginRequests } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";

export function themesIn(plugin: string, answer: unknown): Record<string, unknown>[] {
  const read = pluginRequests["tutti/theme/list"].result.safeParse(answer);
  if (!read.success) return [];
  return read.data.themes.map((theme) => ({
    ...theme,
    name: `${plugin}/${theme.name}`,
    title: theme.title ?? theme.name,
    source: plugin,
  }));
}

export function keymapsIn(plugin: string, answer: unknown): { name: string; bindings: Record<string, string> }[] {
  const read = pluginRequests["tutti/keymap/list"].result.safeParse(answer);
  if (!read.success) return [];
  return read.data.keymaps.map((keymap) => ({ ...keymap, name: `${plugin}/${keymap.name}` }));
}

const LEAST_REFRESH_MS = 1_000;

export function widgetIn(answer: unknown, width: number, height: number) {
  const read = pluginRequests["tutti/widget/render"].result.safeParse(answer);
  if (!read.success) throw new Error("its answer is no widget");
  const lines = read.data.lines.slice(0, height).map((line) => {
    let room = width;
    return line.flatMap((span) => {
      // Cells are counted where it is drawn; here only what can never fit is left out.
      const text = printable(span.text.slice(0, room));
      room -= text.length;
      return text === "" ? [] : [{ ...span, text }];
    });
  });
  const { refreshMs } = read.data;
  return { lines, ...(refreshMs !== undefined && { refreshMs: Math.max(LEAST_REFRESH_MS, refreshMs) }) };
}
