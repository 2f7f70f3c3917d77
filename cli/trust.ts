/** `tutti trust`: what a folder's own files ask for, shown as it stands, and a person's yes to it. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Link } from "../client/link.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { printable } from "../protocol/printable.ts";
import { wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";

type Read = ResultOf<"trustRead">;
type Verb = (input: Input, link: Link, words: string[]) => Promise<number>;
/** What a person may choose; nothing where they choose none. */
type Choice = "all" | "without-running";

const REFUSED = 4;

const verbs: Record<string, Verb> = {
  async grant(input, link, words) {
    const cwd = folderOf(input, words);
    const read = await link.call("trustRead", { cwd });
    const items = input.text("items");
    if (items !== undefined) return grant(input, link, cwd, items.split(","));
    const yes = input.text("yes");
    const named = flagged(input);
    if (yes !== undefined) {
      if (yes !== read.digest)
        throw new TuttiError(
          "conflict",
          `Nothing was trusted: ${yes} is not the digest of what is there now. Look again with \`tutti trust\`.`,
        );
      return grant(input, link, cwd, chosen(read, named ?? "all"));
    }
    show(input, read);
    if (waiting(read).length === 0) return 0;
    if (!canAsk(input))
      throw new TuttiError(
        "refused",
        `Nobody can be asked here, so nothing was trusted. Say yes to exactly this with --yes ${read.digest}, or name items with --items HASH,…`,
      );
    const choice = await ask(input, named);
    return choice === null ? REFUSED : grant(input, link, cwd, chosen(read, choice));
  },
  async revoke(input, link, words) {
    const cwd = folderOf(input, words);
    const { revoked } = await link.call("trustRevoke", { cwd });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ revoked })}\n`);
    else input.terminal.note(revoked ? `${printable(cwd)} is not trusted any more.\n` : "Nothing was trusted there.\n");
    return 0;
  },
  async list(input, link) {
    const { folders } = await link.call("trustList", {});
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(folders)}\n`);
    else for (const { root, items } of folders) input.terminal.out(`${printable(root)}  ${counted(items)}\n`);
    return 0;
  },
};

export const trust: Command = {
  name: "trust",
  operands: "[DIR]|grant [DIR]|revoke [DIR]|list",
  purpose: "What a folder's own files would run, redirect or loosen; nothing of it counts before you say yes.",
  verbs: Object.keys(verbs),
  flags: [
    { name: "all", purpose: "grant: everything that is shown" },
    { name: "without-running", purpose: "grant: only what runs nothing and reaches nothing" },
    { name: "items", value: "HASH,…", purpose: "grant: these items, by the ids that the JSON shows" },
    { name: "yes", value: "HASH", purpose: "grant: without a question, if this is the digest of what is there" },
    { name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" },
  ],
  examples: ["tutti trust", "tutti trust grant ~/src/app --without-running"],
  async run(input) {
    const [first = "", ...rest] = input.words;
    const act = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
    const link = await input.connect({ cwd: input.cwd, project: false, answers: false });
    try {
      return await (act ? act(input, link, rest) : look(input, link));
    } finally {
      await link.close();
    }
  },
};

async function look(input: Input, link: Link): Promise<number> {
  const cwd = folderOf(input, input.words);
  const read = await link.call("trustRead", { cwd });
  show(input, read);
  if (waiting(read).length === 0 || !canAsk(input)) return 0;
  const choice = await ask(input, null);
  return choice === null ? 0 : grant(input, link, cwd, chosen(read, choice));
}

function folderOf(input: Input, words: readonly string[]): string {
  const [named = ".", ...more] = words;
  const path = resolve(input.cwd, named);
  if (more.length > 0) throw wrong("Name one folder at a time.");
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw wrong(`${path} is not a folder.`);
  return path;
}

const canAsk = ({ terminal, text }: Input): boolean =>
  terminal.inIsTerminal && terminal.noteIsTerminal && text("format") !== "json";

function flagged(input: Input): Choice | null {
  if (input.on("all") && input.on("without-running")) throw wrong("--all and --without-running exclude each other.");
  return input.on("all") ? "all" : input.on("without-running") ? "without-running" : null;
}

const waiting = ({ items }: Read): Read["items"] => items.filter(({ granted }) => !granted);

const chosen = (read: Read, choice: Choice): string[] =>
  waiting(read)
    .filter(({ runs }) => choice === "all" || !runs)
    .map(({ id }) => id);

const counted = (count: number): string => `${count} ${count === 1 ? "item" : "items"}`;

async function grant(input: Input, link: Link, cwd: string, items: string[]): Promise<number> {
  const { granted } = await link.call("trustGrant", { cwd, items });
  if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ granted })}\n`);
  else input.terminal.note(`Trusted: ${counted(granted)} of ${printable(cwd)}.\n`);
  return 0;
}

/** Colours are written out, too: elsewhere they go without a trace, and this is what a person says yes to. */
const literal = (text: string): string => printable(text.replaceAll("\x1b", "\\x1b"));

/** Everything stands there as it is in its file; what could not be seen, or would move the cursor, is written out. */
function show({ terminal, text }: Input, read: Read): void {
  if (text("format") === "json") {
    terminal.out(`${JSON.stringify(read, null, 2)}\n`);
    return;
  }
  const { root, items, plugins, problems, digest } = read;
  const lines = [
    `${printable(root)}: ${counted(waiting(read).length)} waiting, ${items.length - waiting(read).length} granted`,
  ];
  for (const { kind, key, source, shown, runs, granted, changed, own } of items) {
    const state = granted ? "granted" : changed ? "CHANGED since it was granted" : "waiting";
    const does = runs ? ", runs or loosens" : "";
    lines.push(
      "",
      `${printable(key)} (${kind}${does}; ${state})`,
      `  ${literal(shown)}`,
      `  in ${printable(source)}${own ? ", which is yours: a yes counts in every folder" : ""}`,
    );
  }
  for (const { name, shown, source, how } of plugins)
    lines.push(
      "",
      `${printable(name)} (plugin; approved by itself: ${printable(how)})`,
      `  ${literal(shown)}`,
      `  in ${printable(source)}`,
    );
  if (items.length > 0) lines.push("", `digest ${digest}`);
  terminal.out(`${lines.join("\n")}\n`);
  for (const problem of problems) terminal.note(`warning: ${printable(problem)}\n`);
}

/** Null is no: an empty line, anything that is no choice, and the end of the input. */
async function ask({ terminal }: Input, named: Choice | null): Promise<Choice | null> {
  const question =
    named === null
      ? "\n1. trust all\n2. trust without running anything\n3. no\nNumber (3): "
      : `\nTrust ${named === "all" ? "all of this" : "what runs nothing of this"}? (y/N): `;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => closed.abort());
  try {
    const typed = (await lines.question(question, { signal: closed.signal })).trim().toLowerCase();
    const choices: Record<string, Choice | null> =
      named === null ? { "1": "all", "2": "without-running" } : { y: named, yes: named };
    const choice = Object.hasOwn(choices, typed) ? (choices[typed] ?? null) : null;
    if (choice === null) terminal.note("Nothing was trusted.\n");
    return choice;
  } catch (error) {
    if (!closed.signal.aborted) throw error;
    terminal.error("\nNothing was trusted.\n");
    return null;
  } finally {
    lines.close();
  }
}
