/** Validates what plugins contribute to screens: no control characters, and limited to the available space. */

import { pluginRequests } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";

export function parseThemes(plugin: string, answer: unknown): Record<string, unknown>[] {
  const parsed = pluginRequests["tutti/theme/list"].result.safeParse(answer);
  if (!parsed.success) return [];
  return parsed.data.themes.map((theme) => ({
    ...theme,
    name: `${plugin}/${theme.name}`,
    title: theme.title ?? theme.name,
    source: plugin,
  }));
}

export function parseKeymaps(plugin: string, answer: unknown): { name: string; bindings: Record<string, string> }[] {
  const parsed = pluginRequests["tutti/keymap/list"].result.safeParse(answer);
  if (!parsed.success) return [];
  return parsed.data.keymaps.map((keymap) => ({ ...keymap, name: `${plugin}/${keymap.name}` }));
}

const MIN_REFRESH_MS = 1_000;

export function parseWidget(answer: unknown, width: number, height: number) {
  const parsed = pluginRequests["tutti/widget/render"].result.safeParse(answer);
  if (!parsed.success) throw new Error("its result is not a valid widget");
  const lines = parsed.data.lines.slice(0, height).map((line) => {
    let remaining = width;
    return line.flatMap((span) => {
      // Exact widths are computed when it is drawn; this only removes what cannot fit.
      const text = printable(span.text.slice(0, remaining));
      remaining -= text.length;
      return text === "" ? [] : [{ ...span, text }];
    });
  });
  const { refreshMs } = parsed.data;
  return { lines, ...(refreshMs !== undefined && { refreshMs: Math.max(MIN_REFRESH_MS, refreshMs) }) };
}
