/** The page as it stands in an editor: what the editor posts is what the host says. */
import type { ToHost, ToPage } from "../client/frame.ts";
import about from "../package.json" with { type: "json" };
import { type Kept, start } from "./start.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: ToHost): void;
  getState(): Kept | undefined;
  setState(kept: Kept): void;
};

const api = acquireVsCodeApi();
const listeners = new Set<(message: ToPage) => void>();
addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  for (const listener of [...listeners]) listener(data);
});
start({
  host: {
    tell: (message) => api.postMessage(message),
    hear(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  },
  root: document.getElementById("root") ?? document.body,
  client: { name: "vscode", version: about.version },
  kept: api.getState() ?? null,
  keep: (kept) => api.setState(kept),
});
