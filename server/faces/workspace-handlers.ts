/** What each method about the folder of a session does. */
import { join } from "node:path";
import type { Handlers } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Processes } from "../ports.ts";
import { branchOf } from "../workspace/branch.ts";
import { openFileList } from "../workspace/file-list.ts";
import { type Entry, search } from "../workspace/fuzzy.ts";
import { symbolPattern, symbolsIn } from "../workspace/symbols.ts";

type Mine = Extract<keyof Handlers, `files${string}` | `symbols${string}` | `workspace${string}`>;

export interface WorkspaceHandlerParts {
  processes: Pick<Processes, "run">;
  now(): number;
  /** The real path of a folder that there is. */
  folder(path: string): string;
  rootOf(cwd: string): string;
  /** Views of the sessions that are open. */
  views(): readonly SessionView[];
}

const FOUND = 50;
const SYMBOL_MS = 1_000;

export function workspaceHandlers(parts: WorkspaceHandlerParts): Pick<Handlers, Mine> {
  const { processes, now, folder, rootOf, views } = parts;
  const list = openFileList(processes, now);
  return {
    async workspaceInfo({ cwd }) {
      const real = folder(cwd);
      return { root: rootOf(real), branch: await branchOf(real) };
    },
    async filesFind({ cwd, text, limit = FOUND }) {
      const real = folder(cwd);
      const { entries, whole } = await list.entries(real);
      const isShown = ({ name }: Entry): boolean => asksForHidden(text) || !/(^|\/)\./.test(name);
      const shown = entries.filter(isShown);
      if (text === "") {
        const names = new Set([...changedBelow(real, views()), ...topOf(shown)]);
        const files = [...names].slice(0, limit).map((name) => ({ path: join(real, name), name, score: 0 }));
        return { files, more: !whole || names.size > limit };
      }
      const work = search(shown, text, limit);
      let step = work.next();
      while (!step.done) {
        await new Promise((resolve) => setImmediate(resolve));
        step = work.next();
      }
      const { best, count } = step.value;
      return {
        files: best.map(({ name, score }) => ({ path: join(real, name), name, score })),
        more: !whole || count > best.length,
      };
    },
    async symbolsFind({ cwd, text, limit = FOUND }) {
      const real = folder(cwd);
      const { head, tail } = await processes.run({
        argv: [
          ...["rg", "--no-messages", "--no-heading", "--null", "--line-number", "--color", "never", "--ignore-case"],
          ...["--max-columns", "300", "--max-count", "20", "--regexp", symbolPattern(text), "."],
        ],
        cwd: real,
        timeoutMs: SYMBOL_MS,
      });
      const symbols = symbolsIn(head + tail, limit);
      return { symbols: symbols.map((symbol) => ({ ...symbol, path: join(real, symbol.path) })) };
    },
  };
}

const asksForHidden = (text: string): boolean => /(^|\/)\./.test(text);

/** What open sessions changed below this folder, the last change first. */
const changedBelow = (cwd: string, views: readonly SessionView[]): string[] =>
  views
    .flatMap(({ files }) => files.map(({ path }) => path))
    .filter((path) => path.startsWith(`${cwd}/`))
    .map((path) => path.slice(cwd.length + 1))
    .reverse();

const topOf = (entries: readonly Entry[]): string[] =>
  entries
    .map(({ name }) => name)
    .filter((name) => !name.slice(0, -1).includes("/"))
    .sort();
