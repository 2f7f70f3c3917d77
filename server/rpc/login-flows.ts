/** Running logins: each opens pages for the user one after the other, and then ends. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import { randomHex } from "../node/random.ts";

export interface LoginFlows {
  /** The first page, or null if it ended without one. */
  begin(work: (open: (url: URL) => void) => Promise<void>): Promise<{ login: string; url: string | null }>;
  /** The next page, or null at the end. Rejects if the login failed. */
  next(login: string): Promise<string | null>;
}

type Page = PromiseWithResolvers<string | null>;

export function createLoginFlows(): LoginFlows {
  const flows = new Map<string, () => Promise<string | null>>();

  async function next(login: string): Promise<string | null> {
    const nextPage = flows.get(login);
    if (!nextPage) throw new TuttiError("notFound", "The login was not found; it may have ended. Start it again.");
    let page: string | null = null;
    try {
      page = await nextPage();
    } catch (error) {
      throw new TuttiError("failed", `The login failed: ${describeError(error)}`);
    } finally {
      if (page === null) flows.delete(login);
    }
    return page;
  }

  return {
    async begin(work) {
      const login = randomHex(8);
      flows.set(login, createPageQueue(work));
      return { login, url: await next(login) };
    },
    next,
  };
}

/** Pages may be opened before they are read, and read before they are opened. */
function createPageQueue(work: (open: (url: URL) => void) => Promise<void>): () => Promise<string | null> {
  const pages: Page[] = [];
  const page = (index: number): Page => {
    pages[index] ??= Promise.withResolvers();
    return pages[index];
  };
  let openedCount = 0;
  let readCount = 0;
  work((url) => page(openedCount++).resolve(url.href)).then(
    () => page(openedCount).resolve(null),
    (error: unknown) => {
      // The failure may have no reader.
      page(openedCount).promise.catch(() => undefined);
      page(openedCount).reject(error);
    },
  );
  return () => page(readCount++).promise;
}
