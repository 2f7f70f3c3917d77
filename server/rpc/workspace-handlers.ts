/** Handlers for the folder of a session: its root and branch, files and symbols. */
import { join, relative } from "node:path";
import type { Handlers } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Clock, Processes } from "../ports.ts";
import { readBranch } from "../workspace/branch.ts";
import { openFileList } from "../workspace/file-list.ts";
import { type SearchEntry, searchEntries } from "../workspace/fuzzy.ts";
import { buildSymbolSearchArgs, parseSymbols, rankSymbols } from "../workspace/symbols.ts";
import { runCooperatively } from "./time-slicing.ts";

type WorkspaceMethod = Extract<keyof Handlers, `files${string}` | `symbols${string}` | `workspace${string}`>;

export interface WorkspaceHandlerDeps {
  processes: Pick<Processes, "run" | "ripgrep">;
  clock: Clock;
  /** The real path of an existing folder. */
  folder(path: string): string;
  getRoot(cwd: string): string;
  /** Views of the open sessions. */
  views(): readonly SessionView[];
}

const DEFAULT_LIMIT = 50;
const SYMBOL_MS = 1_000;
/** Maximum rows to rank. */
const SYMBOL_ROWS = 2_000;

export function createWorkspaceHandlers(deps: WorkspaceHandlerDeps): Pick<Handlers, WorkspaceMethod> {
  const { processes, clock, folder, getRoot, views } = deps;
  const list = openFileList(processes, clock);
  return {
    async workspaceInfo({ cwd }) {
      const real = folder(cwd);
      return { root: getRoot(real), branch: await readBranch(real) };
    },
    async filesFind({ cwd, text, limit = DEFAULT_LIMIT }) {
      const real = folder(cwd);
      const query = text.replace(/^(?:\.\/)+/, "");
      const { entries, complete } = await list.get(real, /(?:^|\/)\./.test(query));
      const toMatch = (name: string, score: number) => ({ path: join(real, name), name, score });
      if (query === "") {
        const names = new Set([...listChangedFiles(real, views()), ...listTopLevel(entries)]);
        const files = [...names].slice(0, limit).map((name) => toMatch(name, 0));
        return { files, more: !complete || names.size > limit };
      }
      const { best, count } = await runCooperatively(searchEntries(entries, query, limit));
      return { files: best.map(({ name, score }) => toMatch(name, score)), more: !complete || count > best.length };
    },
    async symbolsFind({ cwd, text, limit = DEFAULT_LIMIT }) {
      const real = folder(cwd);
      let output = "";
      let rows = 0;
      const limitReached = new AbortController();
      await processes.run({
        argv: [processes.ripgrep(), ...buildSymbolSearchArgs(text)],
        cwd: real,
        timeoutMs: SYMBOL_MS,
        signal: limitReached.signal,
        onOutput(piece) {
          output += piece;
          rows += piece.split("\n").length - 1;
          if (rows > SYMBOL_ROWS) limitReached.abort();
        },
      });
      const symbols = rankSymbols(parseSymbols(output), text, limit);
      return { symbols: symbols.map((symbol) => ({ ...symbol, path: join(real, symbol.path) })) };
    },
  };
}

/** Files that open sessions changed in this folder: the most recent session and file first. */
const listChangedFiles = (cwd: string, views: readonly SessionView[]): string[] =>
  [...views]
    .sort((a, b) => b.updatedAt - a.updatedAt)
    .flatMap(({ files }) => files.map(({ path }) => path).reverse())
    .filter((path) => path.startsWith(`${cwd}/`))
    .map((path) => relative(cwd, path));

const listTopLevel = (entries: readonly SearchEntry[]): string[] =>
  entries
    .map(({ name }) => name)
    .filter((name) => !name.slice(0, -1).includes("/"))
    .sort();
