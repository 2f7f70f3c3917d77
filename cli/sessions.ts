/** `tutti sessions`: lists, shows, searches and manages sessions. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exportFormats, exportSession, readExport } from "../client/export.ts";
import { findSession } from "../client/find-session.ts";
import { formatTable } from "../client/table.ts";
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { Envelope } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import { emptyView, reduceAll } from "../protocol/view.ts";
import { parsePositive, usageError } from "./args.ts";
import { attachFlags, attachFromFlags } from "./attach-flags.ts";
import type { Command, CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";
import { replaySession } from "./replay.ts";

type Verb = (input: CommandInput, link: Link, words: string[]) => Promise<number>;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const limit = parsePositive("--limit", input.text("limit"), true) ?? 50;
    const { sessions } = await link.call("sessionList", {
      limit,
      archived: input.isSet("archived"),
      tasks: input.isSet("tasks"),
      running: input.isSet("running"),
      ...(input.isSet("here") && { cwd: input.cwd }),
    });
    if (printJson(input, sessions)) return 0;
    const withAgents = sessions.some(({ task }) => task);
    const rows = sessions.map(({ id, updatedAt, turns, model, title, cwd, task }) => [
      id,
      formatTime(updatedAt),
      `${turns}`,
      model,
      ...(withAgents ? [sanitize(task?.agent ?? "")] : []),
      sanitize(title),
      sanitize(cwd),
    ]);
    const agent = withAgents ? ["AGENT"] : [];
    input.terminal.out(formatTable(["ID", "UPDATED", "TURNS", "MODEL", ...agent, "TITLE", "FOLDER"], rows));
    return 0;
  },
  async show(input, link, [id]) {
    const envelopes = await readAll(link, await findId(input, link, id));
    if (printJson(input, envelopes)) return 0;
    input.terminal.out(sanitize(exportSession(envelopes, "md")));
    return 0;
  },
  async stop(input, link, [first, ...others]) {
    const sessions = await Promise.all([first, ...others].map((id) => findId(input, link, id)));
    for (const session of sessions) await link.call("turnCancel", { session });
    return 0;
  },
  async search(input, link, words) {
    if (words.length === 0) throw usageError("Missing search text. Use `tutti sessions search TEXT`.");
    const { hits } = await link.call("sessionSearch", { text: words.join(" ") });
    if (printJson(input, hits)) return 0;
    if (hits.length === 0) input.terminal.note(`No session contains ${JSON.stringify(words.join(" "))}.\n`);
    for (const hit of hits)
      input.terminal.out(
        `${hit.session}  ${sanitize(hit.title)}\n    ${sanitize(hit.excerpt).replaceAll("\n", " ")}\n`,
      );
    return 0;
  },
  async rename(input, link, [id, ...title]) {
    if (title.length === 0) throw usageError("Missing title. Use `tutti sessions rename ID TITLE`.");
    await link.call("sessionRename", { session: await findId(input, link, id), title: title.join(" ") });
    return 0;
  },
  async archive(input, link, [id]) {
    await link.call("sessionArchive", { session: await findId(input, link, id), archived: !input.isSet("undo") });
    return 0;
  },
  async delete(input, link, [first, ...others]) {
    const sessions = await Promise.all([first, ...others].map((id) => findId(input, link, id)));
    for (const session of sessions) {
      const { keptWorktrees } = await link.call("sessionDelete", { session });
      for (const { path, reason } of keptWorktrees)
        input.terminal.note(`Kept the worktree ${sanitize(path)}: ${sanitize(reason)}.\n`);
    }
    return 0;
  },
  async fork(input, link, [id]) {
    const seq = parsePositive("--at", input.text("at"), true);
    const { session } = await link.call("sessionFork", {
      session: await findId(input, link, id),
      ...(seq !== undefined && { seq }),
    });
    input.terminal.out(`${session}\n`);
    return 0;
  },
  async export(input, link, [id]) {
    const format = input.text("format") ?? "json";
    const known = exportFormats.find((name) => name === format);
    if (!known) throw usageError(`Invalid --format ${format} for export. Use one of: ${exportFormats.join(", ")}.`);
    const text = exportSession(await readAll(link, await findId(input, link, id)), known);
    input.terminal.out(known === "json" ? text : sanitize(text));
    return 0;
  },
  async import(input, link, [file]) {
    if (file === undefined) throw usageError("Missing file. Use `tutti sessions import FILE`.");
    const text = await readFile(resolve(input.cwd, file), "utf8").catch((error) => {
      throw usageError(`Cannot read ${file}: ${describeError(error)}.`);
    });
    const { session } = await link.call("sessionImport", { envelopes: await readExport(file, text) });
    input.terminal.out(`${session}\n`);
    return 0;
  },
  async replay(input, link, [id]) {
    await replaySession(await readAll(link, await findId(input, link, id)), input.terminal, input.isSet("paced"));
    return 0;
  },
};

export const sessions: Command = {
  name: "sessions",
  operands: "[list|show|stop|search|rename|archive|delete|fork|export|import|replay] [ID|TEXT|FILE]",
  purpose: "List, show, search and manage sessions.",
  verbs: Object.keys(verbs),
  flags: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "json", "md", "html"],
      purpose: "Output format; export supports json, md and html",
    },
    { name: "here", purpose: "list: only sessions in this folder" },
    { name: "running", purpose: "list: only sessions of the running server in which an agent works, with subagents" },
    { name: "tasks", purpose: "list: include the sessions of subagents" },
    { name: "archived", purpose: "list: only archived sessions" },
    { name: "limit", value: "N", purpose: "list: the maximum number of sessions (default: 50)" },
    ...attachFlags,
    { name: "undo", purpose: "archive: restore an archived session" },
    { name: "at", value: "SEQ", purpose: "fork: the sequence number of the last event to copy" },
    { name: "paced", purpose: "replay: keep the original pauses, up to 2 s each" },
  ],
  examples: ["tutti sessions search flaky test", "tutti sessions export --format md ID > session.md"],
  async run(input) {
    const [verb = "list", ...words] = input.positionals;
    const runVerb = verbs[verb];
    if (!runVerb)
      throw usageError(`Unknown subcommand ${JSON.stringify(verb)}. Use one of: ${Object.keys(verbs).join(", ")}.`);
    const link = await input.connect({
      cwd: input.cwd,
      project: true,
      answers: false,
      ...(needsServer(verb, input) && attachFromFlags(input, "running")),
    });
    try {
      return await runVerb(input, link, words);
    } finally {
      await link.close();
    }
  },
};

/** What runs, runs in the shared server. */
const needsServer = (verb: string, input: CommandInput): boolean => verb === "stop" || input.isSet("running");

async function findId(input: CommandInput, link: Link, id: string | undefined): Promise<string> {
  if (id === undefined) throw usageError("Missing session ID. See `tutti sessions list`.");
  return (await findSession(link, id, input.cwd)).id;
}

function printJson(input: CommandInput, value: unknown): boolean {
  if (input.text("format") !== "json") return false;
  input.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  return true;
}

const PAGE = 5_000;

/** Opening a session ends what a crash left open. If another process has the session, it is still running. */
async function readAll(link: Link, session: string): Promise<Envelope[]> {
  const envelopes = await readPages(link, session);
  const { activity, questions, id } = reduceAll(emptyView, envelopes);
  if (id === "") throw new TuttiError("storage", `Cannot read session ${session}: its log is empty or damaged.`);
  if (activity.state === "idle" && questions.length === 0) return envelopes;
  try {
    await link.call("sessionOpen", { session });
  } catch (error) {
    if (error instanceof TuttiError && (error.code === "busy" || error.code === "storage")) return envelopes;
    throw error;
  }
  return readPages(link, session);
}

async function readPages(link: Link, session: string): Promise<Envelope[]> {
  const all: Envelope[][] = [];
  for (let before: number | undefined; ; ) {
    const { envelopes, more } = await link.call("sessionRead", {
      session,
      limit: PAGE,
      ...(before !== undefined && { before }),
    });
    all.unshift(envelopes);
    before = envelopes[0]?.seq;
    if (!more || before === undefined) break;
  }
  return all.flat();
}

const formatTime = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");
