/** A real tool context in a temporary folder: real files and processes, and a record of what calls report. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Choice, FileChange, PlanItem } from "../../protocol/events.ts";
import { openBlobs } from "../../server/node/blobs.ts";
import { openFetchPage } from "../../server/node/fetch-page.ts";
import { openFiles } from "../../server/node/files.ts";
import { findRipgrep } from "../../server/node/find-ripgrep.ts";
import { openProcesses } from "../../server/node/processes.ts";
import type { FetchPage, PreparedCall, Tool, ToolCallContext, ToolResult } from "../../server/ports.ts";
import { createShellChooser } from "../../server/workspace/choose-shell.ts";
import { openPathLock } from "../../server/workspace/path-lock.ts";
import { openReadTracker } from "../../server/workspace/read-tracker.ts";
import { redactor } from "./redactor.ts";

export interface ToolBench {
  context: ToolCallContext;
  /** The workspace, real. */
  cwd: string;
  /** A folder outside the workspace, real. */
  outside: string;
  changes: FileChange[];
  plans: PlanItem[][];
  questions: { title: string; detail: string; choices: Choice[] }[];
  live: string[];
  /** Writes a file in the workspace and returns its path. */
  writeFile(name: string, content: string | Uint8Array): Promise<string>;
  /** Parses, prepares and runs a call, as a turn does. A parse error is a failed result. */
  call<I>(tool: Tool<I>, input: unknown): Promise<ToolResult>;
  prepare<I>(tool: Tool<I>, input: unknown): Promise<PreparedCall>;
  close(): Promise<void>;
}

export interface BenchOptions {
  answer?: string | null;
  fetchPage?: FetchPage;
  signal?: AbortSignal;
}

export async function openToolBench(options: BenchOptions = {}): Promise<ToolBench> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "tutti-tools-")));
  const cwd = join(root, "work");
  const outside = join(root, "outside");
  await mkdir(cwd);
  await mkdir(outside);
  const processes = openProcesses({ ripgrep: () => findRipgrep(), env: process.env, redactor });
  const changes: FileChange[] = [];
  const plans: PlanItem[][] = [];
  const questions: ToolBench["questions"] = [];
  const live: string[] = [];
  const context: ToolCallContext = {
    session: "s1",
    cwd,
    files: openFiles(),
    openDocumentsBelow: () => [],
    documentsDifferingFromDisk: async () => [],
    lock: openPathLock(),
    processes,
    chooseShell: createShellChooser(cwd, process.env, async () => false),
    fetchPage: options.fetchPage ?? openFetchPage(),
    blobs: openBlobs(join(root, "blobs"), redactor.text),
    readTracker: openReadTracker(),
    hash: (content) => createHash("sha256").update(content).digest("hex"),
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, ms);
          signal?.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
        }),
    },
    subagents: null,
    call: "c1",
    signal: options.signal ?? new AbortController().signal,
    output: (text) => void live.push(text),
    async ask(title, detail, choices) {
      questions.push({ title, detail, choices });
      return options.answer ?? null;
    },
    updatePlan: async (items) => void plans.push(items),
    fileChanged: async (change) => void changes.push(change),
  };

  return {
    context,
    cwd,
    outside,
    changes,
    plans,
    questions,
    live,
    async writeFile(name, content) {
      const path = join(cwd, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
    async call(tool, input) {
      const parsed = tool.parse(input);
      if (!parsed.ok) return { ok: false, output: parsed.problem };
      return tool.run(parsed.input, context, await tool.prepare(parsed.input, context));
    },
    async prepare(tool, input) {
      const parsed = tool.parse(input);
      if (!parsed.ok) throw new Error(parsed.problem);
      return tool.prepare(parsed.input, context);
    },
    async close() {
      await processes.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
