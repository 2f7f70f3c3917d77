/** Continues the session in a browser, on this machine or on another device. */
import { formatWebLink } from "../../client/web-link.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { App, ListSpec } from "../app/app.ts";
import { currentFolder, type Item } from "../app/state.ts";
import { drawLink } from "./link-preview.ts";

type Opened = ResultOf<"webOpen">;

const HERE = "here";

/** Each dialog has links of its own, which work once. */
export function createWebDialog(): ListSpec {
  const links = new Map<string, string>();
  const keep = (app: App, id: string, opened: Opened): void => {
    const { view } = app.state();
    links.set(id, formatWebLink(opened, view ? { session: view.id } : { folder: currentFolder(app.state()) }));
  };
  return {
    title: "Continue in a browser",
    intro:
      "This session goes on in both. A link works once, within 60 seconds. `tutti web --listen` adds an address for other devices.",
    loading: "Opening the web page…",
    empty: "",
    async items(app) {
      const here = await app.server.call("webOpen", {});
      keep(app, HERE, here);
      const others = here.others.map(async ({ url, open }) => {
        keep(app, url, await app.server.call("webOpen", open));
        return { id: url, text: "Copy the link for another device", detail: url };
      });
      const open: Item = { id: HERE, text: "Open a browser on this machine", detail: here.url };
      return [open, ...(await Promise.all(others))];
    },
    preview: (_, { id }) => drawLink(links.get(id) ?? ""),
    previewRequired: true,
    async choose(app, { id }) {
      const link = links.get(id) ?? "";
      if (id === HERE && (await app.openBrowser(link))) return app.toast("info", "Opened in your browser.");
      app.screen.copy(link);
      app.toast(
        "info",
        id === HERE ? "No browser could be started here. The link was copied." : "The link was copied.",
      );
    },
    keys: { "ctrl+y": { label: "copy the link", run: (app, { id }) => app.screen.copy(links.get(id) ?? "") } },
  };
}
