/** The page's entry point in a VS Code webview: the host is the extension, reached with `postMessage`. */
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import about from "../package.json" with { type: "json" };
import { type Host, openHostTransport } from "./host-transport.ts";
import { type SavedState, startPage } from "./start.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: MessageToHost): void;
  getState(): SavedState | undefined;
  setState(state: SavedState): void;
};

const api = acquireVsCodeApi();
const listeners = new Set<(message: MessageToPage) => void>();
addEventListener("message", ({ data }: MessageEvent<MessageToPage>) => {
  for (const listener of [...listeners]) listener(data);
});
const host: Host = {
  post: (message) => api.postMessage(message),
  onMessage(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
startPage({
  host,
  openTransport: (mayStart) => openHostTransport(host, mayStart),
  surface: "editor",
  root: document.getElementById("root") ?? document.body,
  client: { name: "vscode", version: about.version },
  saved: api.getState() ?? null,
  save: (state) => api.setState(state),
});
