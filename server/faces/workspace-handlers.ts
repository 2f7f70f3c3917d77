/** What each method about the folder of a session does. */
import { join, relative } from "node:path";
import type { Handlers } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Clock, Processes } from "../ports.ts";
import { branchOf } from "../workspace/branch.ts";
import { openFileList } from "../workspace/file-list.ts";
import { type Entry, search } from "../workspace/fuzzy.ts";
import { bestSymbols, symbolSearch, symbolsIn } from "../workspace/symbols.ts";
import { inTurns } from "./in-turns.ts";

type Mine = Extract<keyof Handlers, `files${string}` | `symbols${string}` | `workspace${string}`>;

export interface WorkspaceHandlerParts {
  processes: Pick<Processes, "run" | "ripgrep">;
  clock: Clock;
  /** The real path of a folder that there is. */
  folder(path: string): string;
  rootOf(cwd: string): string;
  /** Views of the sessions that are open. */
  views(): readonly SessionView[];
}

const FOUND = 50;
const SYMBOL_MS = 1_000;
/** Rows of which the best are chosen. */
const SYMBOL_ROWS = 2_000;

export function workspaceHandlers(parts: WorkspaceHandlerParts): Pick<Handlers, Mine> {
  const { processes, clock, folder, rootOf, views } = parts;
  const list = openFileList(processes, clock);
  return {
    async workspaceInfo({ cwd }) {
      const real = folder(cwd);
      return { root: rootOf(real), branch: await branchOf(real) };
    },
    async filesFind({ cwd, text, limit = FOUND }) {
      const real = folder(cwd);
      const wanted = text.replace(/^(?:\.\/)+/, "");
      const { entries, whole } = await list.of(real, /(?:^|\/)\./.test(wanted));
      const placed = (name: string, score: number) => ({ path: join(real, name), name, score });
      if (wanted === "") {
        const names = new Set([...changedBelow(real, views()), ...topOf(entries)]);
        const files = [...names].slice(0, limit).map((name) => placed(name, 0));
        return { files, more: !whole || names.size > limit };
      }
      const { best, count } = await inTurns(search(entries, wanted, limit));
      return { files: best.map(({ name, score }) => placed(name, score)), more: !whole || count > best.length };
    },
    async symbolsFind({ cwd, text, limit = FOUND }) {
      const real = folder(cwd);
      let output = "";
      let rows = 0;
      const enough = new AbortController();
      await processes.run({
        argv: [processes.ripgrep, ...symbolSearch(text)],
        cwd: real,
        timeoutMs: SYMBOL_MS,
        signal: enough.signal,
        onOutput(piece) {
          output += piece;
          rows += piece.split("\n").length - 1;
          if (rows > SYMBOL_ROWS) enough.abort();
        },
      });
      const symbols = bestSymbols(symbolsIn(output), text, limit);
      return { symbols: symbols.map((symbol) => ({ ...symbol, path: join(real, symbol.path) })) };
    },
  };
}

/** What open sessions changed below this folder: of the session that changed last first, its last file first. */
const changedBelow = (cwd: string, views: readonly SessionView[]): string[] =>
  [...views]
    .sort((one, other) => other.updatedAt - one.updatedAt)
    .flatMap(({ files }) => files.map(({ path }) => path).reverse())
    .filter((path) => path.startsWith(`${cwd}/`))
    .map((path) => relative(cwd, path));

const topOf = (entries: readonly Entry[]): string[] =>
  entries
    .map(({ name }) => name)
    .filter((name) => !name.slice(0, -1).includes("/"))
    .sort();
