/** `tutti trust`: shows what a folder's configuration requests, verbatim, and lets the user trust it. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { TuttiError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { printable } from "../protocol/printable.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";

type TrustReport = ResultOf<"trustRead">;
type Verb = (input: CommandInput, link: Link, words: string[]) => Promise<number>;
/** What the user chose to trust. */
type Choice = "all" | "without-running";

const EXIT_REFUSED = 4;

const verbs: Record<string, Verb> = {
  async grant(input, link, words) {
    const cwd = folderOf(input, words);
    const read = await link.call("trustRead", { cwd });
    const items = input.text("items");
    if (items !== undefined) return grant(input, link, cwd, items.split(","));
    const yes = input.text("yes");
    const preset = choiceFromFlags(input);
    if (yes !== undefined) {
      if (yes !== read.digest)
        throw new TuttiError(
          "conflict",
          `Nothing was trusted: the digest ${yes} does not match the folder's current configuration. Review it with \`tutti trust\`.`,
        );
      return grant(input, link, cwd, selectItems(read, preset ?? "all"));
    }
    printReport(input, read);
    if (pendingItems(read).length === 0) return 0;
    if (!canAsk(input))
      throw new TuttiError(
        "refused",
        `Not interactive: nothing was trusted. Pass \`--yes ${read.digest}\` to trust everything, or \`--items HASH,…\` to trust individual items.`,
      );
    const choice = await askChoice(input, preset);
    return choice === null ? EXIT_REFUSED : grant(input, link, cwd, selectItems(read, choice));
  },
  async revoke(input, link, words) {
    const cwd = folderOf(input, words);
    const { revoked } = await link.call("trustRevoke", { cwd });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ revoked })}\n`);
    else input.terminal.note(revoked ? `Revoked trust in ${printable(cwd)}.\n` : "This folder was not trusted.\n");
    return 0;
  },
  async list(input, link) {
    const { folders } = await link.call("trustList", {});
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(folders)}\n`);
    else for (const { root, items } of folders) input.terminal.out(`${printable(root)}  ${formatCount(items)}\n`);
    return 0;
  },
};

export const trust: Command = {
  name: "trust",
  operands: "[DIR]|grant [DIR]|revoke [DIR]|list",
  purpose:
    "Review the settings in a folder's configuration that run, redirect or relax something. They take effect only if you trust them.",
  verbs: Object.keys(verbs),
  flags: [
    { name: "all", purpose: "grant: trust all items" },
    { name: "without-running", purpose: "grant: trust only items that run no commands and relax no permissions" },
    {
      name: "items",
      value: "HASH,…",
      purpose: "grant: trust only the items with these IDs (shown in the JSON output)",
    },
    { name: "yes", value: "HASH", purpose: "grant: skip the confirmation if the digest matches" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ["tutti trust", "tutti trust grant ~/src/app --without-running"],
  async run(input) {
    const [first = "", ...rest] = input.positionals;
    const runVerb = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
    const link = await input.connect({ cwd: input.cwd, project: false, answers: false });
    try {
      return await (runVerb ? runVerb(input, link, rest) : showAndAsk(input, link));
    } finally {
      await link.close();
    }
  },
};

async function showAndAsk(input: CommandInput, link: Link): Promise<number> {
  const cwd = folderOf(input, input.positionals);
  const read = await link.call("trustRead", { cwd });
  printReport(input, read);
  if (pendingItems(read).length === 0 || !canAsk(input)) return 0;
  const choice = await askChoice(input, null);
  return choice === null ? 0 : grant(input, link, cwd, selectItems(read, choice));
}

function folderOf(input: CommandInput, words: readonly string[]): string {
  const [named = ".", ...more] = words;
  const path = resolve(input.cwd, named);
  if (more.length > 0) throw usageError("Pass one folder at a time.");
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw usageError(`${path} is not a folder.`);
  return path;
}

const canAsk = ({ terminal, text }: CommandInput): boolean =>
  terminal.stdinIsTerminal && terminal.stderrIsTerminal && text("format") !== "json";

function choiceFromFlags(input: CommandInput): Choice | null {
  if (input.isSet("all") && input.isSet("without-running"))
    throw usageError("--all and --without-running cannot be used together.");
  return input.isSet("all") ? "all" : input.isSet("without-running") ? "without-running" : null;
}

const pendingItems = ({ items }: TrustReport): TrustReport["items"] => items.filter(({ granted }) => !granted);

const selectItems = (read: TrustReport, choice: Choice): string[] =>
  pendingItems(read)
    .filter(({ runs }) => choice === "all" || !runs)
    .map(({ id }) => id);

const formatCount = (count: number): string => `${count} ${count === 1 ? "item" : "items"}`;

async function grant(input: CommandInput, link: Link, cwd: string, items: string[]): Promise<number> {
  const { granted } = await link.call("trustGrant", { cwd, items });
  if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ granted })}\n`);
  else input.terminal.note(`Trusted ${formatCount(granted)} of ${printable(cwd)}.\n`);
  return 0;
}

/** Escapes color codes too, which `printable` would drop: the user must see exactly what is trusted. */
const escapeControls = (text: string): string => printable(text.replaceAll("\x1b", "\\x1b"));

/** Prints everything verbatim, with invisible characters and control codes escaped. */
function printReport({ terminal, text }: CommandInput, read: TrustReport): void {
  if (text("format") === "json") {
    terminal.out(`${JSON.stringify(read, null, 2)}\n`);
    return;
  }
  const { root, items, plugins, problems, digest } = read;
  const lines = [
    `${printable(root)}: ${formatCount(pendingItems(read).length)} not trusted, ${items.length - pendingItems(read).length} trusted`,
  ];
  for (const { kind, key, source, text: shown, runs, granted, changed, userOwned } of items) {
    const state = granted ? "trusted" : changed ? "CHANGED since it was trusted" : "not trusted";
    const effect = runs ? ", runs or relaxes" : "";
    lines.push(
      "",
      `${printable(key)} (${kind}${effect}; ${state})`,
      `  ${escapeControls(shown)}`,
      `  in ${printable(source)}${userOwned ? ", your own file: trust applies in every folder" : ""}`,
    );
  }
  for (const { name, text: shown, source, approveCommand } of plugins)
    lines.push(
      "",
      `${printable(name)} (plugin; approved separately: ${printable(approveCommand)})`,
      `  ${escapeControls(shown)}`,
      `  in ${printable(source)}`,
    );
  if (items.length > 0) lines.push("", `digest ${digest}`);
  terminal.out(`${lines.join("\n")}\n`);
  for (const problem of problems) terminal.note(`warning: ${printable(problem)}\n`);
}

/** Null (no) for an empty line, an invalid choice, and the end of the input. */
async function askChoice({ terminal }: CommandInput, preset: Choice | null): Promise<Choice | null> {
  const question =
    preset === null
      ? "\n1. Trust everything\n2. Trust only items that don't run or relax anything\n3. Trust nothing\nNumber (3): "
      : `\nTrust ${preset === "all" ? "everything" : "only items that don't run or relax anything"}? [y/N] `;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => closed.abort());
  try {
    const typed = (await lines.question(question, { signal: closed.signal })).trim().toLowerCase();
    const choices: Record<string, Choice | null> =
      preset === null ? { "1": "all", "2": "without-running" } : { y: preset, yes: preset };
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
