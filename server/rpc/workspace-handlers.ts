/** What each method about the folder of a session does. */
import { join, relative } from "node:path";
import type { Handlers } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Clock, Processes } from "../ports.ts";
import { readBranch } from "../workspace/branch.ts";
import { openFileList } from "../workspace/file-list.ts";
import { type SearchEntry, searchEntries } from "../workspace/fuzzy.ts";
import { buildSymbolSearchArgs, parseSymbols, rankSymbols } from "../workspace/symbols.ts";
import { runCooperatively } from "./cooperative.ts";

type WorkspaceMethod = Extract<keyof Handlers, `files${string}` | `symbols${string}` | `workspace${string}`>;

export interface WorkspaceHandlerDeps {
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

export function workspaceHandlers(parts: WorkspaceHandlerDeps): Pick<Handlers, WorkspaceMethod> {
  const { processes, clock, folder, rootOf, views } = parts;
  const list = openFileList(processes, clock);
  return {
    async workspaceInfo({ cwd }) {
      const real = folder(cwd);
      return { root: rootOf(real), branch: await readBranch(real) };
    },
    async filesFind({ cwd, text, limit = FOUND }) {
      const real = folder(cwd);
      const wanted = text.replace(/^(?:\.\/)+/, "");
      const { entries, complete } = await list.get(real, /(?:^|\/)\./.test(wanted));
      const placed = (name: string, score: number) => ({ path: join(real, name), name, score });
      if (wanted === "") {
        const names = new Set([...changedBelow(real, views()), ...topOf(entries)]);
        const files = [...names].slice(0, limit).map((name) => placed(name, 0));
        return { files, more: !complete || names.size > limit };
      }
      const { best, count } = await runCooperatively(searchEntries(entries, wanted, limit));
      return { files: best.map(({ name, score }) => placed(name, score)), more: !complete || count > best.length };
    },
    async symbolsFind({ cwd, text, limit = FOUND }) {
      const real = folder(cwd);
      let output = "";
      let rows = 0;
      const enough = new AbortController();
      await processes.run({
        argv: [processes.ripgrep, ...buildSymbolSearchArgs(text)],
        cwd: real,
        timeoutMs: SYMBOL_MS,
        signal: enough.signal,
        onOutput(piece) {
          output += piece;
          rows += piece.split("\n").length - 1;
          if (rows > SYMBOL_ROWS) enough.abort();
        },
      });
      const symbols = rankSymbols(parseSymbols(output), text, limit);
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

const topOf = (entries: readonly SearchEntry[]): string[] =>
  entries
    .map(({ name }) => name)
    .filter((name) => !name.slice(0, -1).includes("/"))
    .sort();
