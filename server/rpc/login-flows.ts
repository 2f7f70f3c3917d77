/** Logins that are under way: each gives pages for a person to open, one after the other, and then ends. */
import { TuttiError } from "../../protocol/errors.ts";
import { randomHex } from "../node/random.ts";

export interface LoginFlows {
  /** The first page, or null where it ended without one. */
  begin(work: (open: (url: URL) => void) => Promise<void>): Promise<{ login: string; url: string | null }>;
  /** The next page, or null at the end. Rejects where it failed. */
  next(login: string): Promise<string | null>;
}

type Page = PromiseWithResolvers<string | null>;

export function createLoginFlows(): LoginFlows {
  const underWay = new Map<string, () => Promise<string | null>>();

  async function next(login: string): Promise<string | null> {
    const take = underWay.get(login);
    if (!take) throw new TuttiError("notFound", "There is no such login; it has ended.");
    let page: string | null = null;
    try {
      page = await take();
    } catch (error) {
      throw new TuttiError("failed", `The login failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      if (page === null) underWay.delete(login);
    }
    return page;
  }

  return {
    async begin(work) {
      const login = randomHex(8);
      underWay.set(login, pagesOf(work));
      return { login, url: await next(login) };
    },
    next,
  };
}

/** Pages may come before they are asked for, and be asked for before they come. */
function pagesOf(work: (open: (url: URL) => void) => Promise<void>): () => Promise<string | null> {
  const pages: Page[] = [];
  const page = (index: number): Page => {
    pages[index] ??= Promise.withResolvers();
    return pages[index];
  };
  let given = 0;
  let taken = 0;
  work((url) => page(given++).resolve(url.href)).then(
    () => page(given).resolve(null),
    (error: unknown) => {
      // Where nobody waits any longer, nobody is told.
      page(given).promise.catch(() => undefined);
      page(given).reject(error);
    },
  );
  return () => page(taken++).promise;
}
