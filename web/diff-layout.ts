/** How diffs are shown, in this browser: one choice for all of them. */
import { useEffect, useState } from "preact/hooks";

export type DiffLayout = "unified" | "split";

const LAYOUT = "tutti.diff";
/** Narrower pages show diffs unified, whatever was chosen. */
const wideEnough = matchMedia("(width >= 800px)");
const listeners = new Set<() => void>();
let chosen: DiffLayout | null = null;

const readLayout = (): DiffLayout => {
  chosen ??= localStorage.getItem(LAYOUT) === "split" ? "split" : "unified";
  return chosen;
};

export function chooseDiffLayout(layout: DiffLayout): void {
  chosen = layout;
  localStorage.setItem(LAYOUT, layout);
  for (const listener of listeners) listener();
}

/** `canSplit`: there is room for two sides. */
export function useDiffLayout(): { layout: DiffLayout; canSplit: boolean } {
  const [, redraw] = useState(0);
  useEffect(() => {
    const update = (): void => redraw((count) => count + 1);
    listeners.add(update);
    wideEnough.addEventListener("change", update);
    return () => {
      listeners.delete(update);
      wideEnough.removeEventListener("change", update);
    };
  }, []);
  const canSplit = wideEnough.matches;
  return { layout: canSplit ? readLayout() : "unified", canSplit };
}
