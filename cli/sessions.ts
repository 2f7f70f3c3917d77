/** `tutti sessions`: what is kept, and what can be done with it. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exportSession, formats, readExport } from "../client/export.ts";
import type { Link } from "../client/link.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Envelope } from "../protocol/events.ts";
import { emptyView, reduceAll } from "../protocol/view.ts";
import { positive, wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";
import { table } from "./print/table.ts";
import { safe } from "./print/text.ts";
import { replay } from "./replay.ts";

type Verb = (input: Input, link: Link, words: string[]) => Promise<number>;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const limit = positive("--limit", input.text("limit"), true) ?? 50;
    const { sessions } = await link.call("sessionList", {
      limit,
      archived: input.on("archived"),
      ...(input.on("here") && { cwd: input.cwd }),
    });
    if (json(input, sessions)) return 0;
    const rows = sessions.map(({ id, updatedAt, turns, model, title, cwd }) => [
      id,
      when(updatedAt),
      `${turns}`,
      model,
      safe(title),
      safe(cwd),
    ]);
    input.terminal.out(table(["ID", "LAST", "TURNS", "MODEL", "TITLE", "FOLDER"], rows));
    return 0;
  },
  async show(input, link, [id]) {
    const envelopes = await all(link, named(id));
    if (json(input, envelopes)) return 0;
    input.terminal.out(safe(exportSession(envelopes, "md")));
    return 0;
  },
  async search(input, link, words) {
    if (words.length === 0) throw wrong("Say what to search for: tutti sessions search TEXT.");
    const { hits } = await link.call("sessionSearch", { text: words.join(" ") });
    if (json(input, hits)) return 0;
    if (hits.length === 0) input.terminal.note(`No session speaks of ${JSON.stringify(words.join(" "))}.\n`);
    for (const hit of hits)
      input.terminal.out(`${hit.session}  ${safe(hit.title)}\n    ${safe(hit.excerpt).replaceAll("\n", " ")}\n`);
    return 0;
  },
  async rename(_, link, [id, ...title]) {
    if (title.length === 0) throw wrong("Say the new title: tutti sessions rename ID TITLE.");
    await link.call("sessionRename", { session: named(id), title: title.join(" ") });
    return 0;
  },
  async archive(input, link, [id]) {
    await link.call("sessionArchive", { session: named(id), archived: !input.on("undo") });
    return 0;
  },
  async delete(_, link, ids) {
    for (const id of ids.length > 0 ? ids : [named(undefined)]) await link.call("sessionDelete", { session: id });
    return 0;
  },
  async fork(input, link, [id]) {
    const seq = positive("--at", input.text("at"), true);
    const { session } = await link.call("sessionFork", { session: named(id), ...(seq !== undefined && { seq }) });
    input.terminal.out(`${session}\n`);
    return 0;
  },
  async export(input, link, [id]) {
    const format = input.text("format") ?? "json";
    const known = formats.find((name) => name === format);
    if (!known) throw wrong(`--format must be one of ${formats.join(", ")} here.`);
    const text = exportSession(await all(link, named(id)), known);
    input.terminal.out(known === "json" ? text : safe(text));
    return 0;
  },
  async import(input, link, [file]) {
    if (file === undefined) throw wrong("Say which file: tutti sessions import FILE.");
    const text = await readFile(resolve(input.cwd, file), "utf8").catch((error) => {
      throw wrong(`${file} cannot be read: ${error instanceof Error ? error.message : error}.`);
    });
    const { session } = await link.call("sessionImport", { envelopes: await readExport(file, text) });
    input.terminal.out(`${session}\n`);
    return 0;
  },
  async replay(input, link, [id]) {
    await replay(await all(link, named(id)), input.terminal, input.on("paced"));
    return 0;
  },
};

export const sessions: Command = {
  name: "sessions",
  operands: "[list|show|search|rename|archive|delete|fork|export|import|replay] [ID|TEXT|FILE]",
  purpose: "The sessions that are kept: list, read, search, and the rest.",
  verbs: Object.keys(verbs),
  flags: [
    {
      name: "format",
      value: "FORMAT",
      of: ["text", "json", "md", "html"],
      purpose: "how to print; export knows json, md and html",
    },
    { name: "here", purpose: "list: those of this folder only" },
    { name: "archived", purpose: "list: the archived ones" },
    { name: "limit", value: "N", purpose: "list: at most so many (50)" },
    { name: "undo", purpose: "archive: take it out of the archive" },
    { name: "at", value: "SEQ", purpose: "fork: the last event that the copy has" },
    { name: "paced", purpose: "replay: with the pauses there were, 2 s at most" },
  ],
  examples: ["tutti sessions search flaky test", "tutti sessions export --format md ID > session.md"],
  async run(input) {
    const [verb = "list", ...words] = input.words;
    const act = verbs[verb];
    if (!act)
      throw wrong(`tutti sessions knows ${Object.keys(verbs).join(", ")}; ${JSON.stringify(verb)} is not one of them.`);
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await act(input, link, words);
    } finally {
      await link.close();
    }
  },
};

function named(id: string | undefined): string {
  if (id === undefined) throw wrong("Say which session: its ID is in `tutti sessions list`.");
  return id;
}

function json(input: Input, value: unknown): boolean {
  if (input.text("format") !== "json") return false;
  input.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  return true;
}

const PAGE = 5_000;

/** What a crash left open is ended first, unless another process has the session, and then it is not a crash. */
async function all(link: Link, session: string): Promise<Envelope[]> {
  const envelopes = await pages(link, session);
  const { activity, questions, id } = reduceAll(emptyView, envelopes);
  if (id === "") throw new TuttiError("storage", `Nothing of session ${session} can be read.`);
  if (activity.state === "idle" && questions.length === 0) return envelopes;
  try {
    await link.call("sessionOpen", { session });
  } catch (error) {
    if (error instanceof TuttiError && (error.code === "busy" || error.code === "storage")) return envelopes;
    throw error;
  }
  return pages(link, session);
}

async function pages(link: Link, session: string): Promise<Envelope[]> {
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

const when = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");
