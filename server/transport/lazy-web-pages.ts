/** The web page, loaded when a client asks for it, or at the start of a server to which pages are signed in. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AllHandlers, WebMethod } from "../../protocol/methods.ts";
import type { WebPages, WebPagesDeps } from "./web-pages.ts";

export interface LazyWebPages {
  handlers: Pick<AllHandlers, WebMethod>;
  /** Opens the listeners of pages that are still signed in. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export function createLazyWebPages(deps: WebPagesDeps): LazyWebPages {
  let opening: Promise<WebPages> | null = null;
  const load = (): Promise<WebPages> => {
    opening ??= import("./web-pages.ts").then(({ openWebPages }) => openWebPages(deps));
    return opening;
  };
  return {
    handlers: {
      webOpen: async (where) => (await load()).open(where),
      webOpened: async (params) => (await load()).opened(params),
    },
    async resume() {
      if (!existsSync(join(deps.dataDir, "web-pages.json"))) return;
      await load().then(
        (pages) => pages.resume(),
        (error: unknown) => deps.report(`the web page could not be opened again: ${(error as Error).message}`),
      );
    },
    async close() {
      await (await opening?.catch(() => null))?.close();
    },
  };
}
