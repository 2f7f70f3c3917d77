/** What the next prompt runs with. */
import type { App } from "./app.ts";

const MOST_RECENT = 8;

export function useModel(app: App, model: string): void {
  const recent = [model, ...app.memory.kept().recent.filter((one) => one !== model)].slice(0, MOST_RECENT);
  app.memory.change({ recent });
  app.set({ settings: { ...app.state().settings, model } }, "key");
}
