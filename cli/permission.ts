/** `tutti permission`: checks a command line against rules, and manages saved rules. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describeError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";

type Verb = (input: CommandInput, words: string[]) => Promise<number>;

const withLink = async <T>(input: CommandInput, work: (link: Link) => Promise<T>, project = false): Promise<T> => {
  const link = await input.connect({ cwd: input.cwd, project, answers: false });
  try {
    return await work(link);
  } finally {
    await link.close();
  }
};

const verbs: Record<string, Verb> = {
  async list(input) {
    const { rules } = await withLink(input, (link) => link.call("permissionList", {}));
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(rules)}\n`);
    else for (const { cwd, rule } of rules) input.terminal.out(`${sanitize(cwd)}  ${sanitize(rule)}\n`);
    return 0;
  },
  async forget(input, words) {
    const rule = words.length === 0 ? {} : { rule: words.join(" ") };
    const { removed } = await withLink(input, (link) => link.call("permissionForget", { cwd: input.cwd, ...rule }));
    input.terminal.note(
      removed === 0
        ? `No matching rule is saved for ${input.cwd}.\n`
        : `Removed ${removed} ${removed === 1 ? "rule" : "rules"}.\n`,
    );
    return 0;
  },
  async check(input, words) {
    const file = input.text("rules");
    const session = input.text("session");
    if (words.length === 0) throw usageError("Missing command. Use `tutti permission check -- COMMAND`.");
    if (file !== undefined && session !== undefined) throw usageError("--rules and --session cannot be used together.");
    const request = {
      ...(file !== undefined && { rules: await readRules(input.cwd, file) }),
      ...(session !== undefined && { session }),
      cwd: resolve(input.cwd, input.text("cwd") ?? "."),
      command: joinCommandLine(words),
    };
    const verdict = await withLink(input, (link) => link.call("permissionCheck", request), file === undefined);
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(verdict)}\n`);
    else {
      const parts = verdict.parts.map(
        (part) =>
          `  ${part.decision.padEnd(5)}  ${sanitize(part.command)}${part.rule === null ? "" : `  (${part.rule})`}\n`,
      );
      input.terminal.out(`${verdict.decision}: ${sanitize(verdict.reason)}\n${parts.length > 1 ? parts.join("") : ""}`);
    }
    return 0;
  },
};

export const permission: Command = {
  name: "permission",
  operands: "check -- COMMAND…|list|forget [RULE]",
  purpose: "Check a command line against permission rules without running it, and manage your saved rules.",
  verbs: Object.keys(verbs),
  flags: [
    {
      name: "rules",
      value: "FILE",
      purpose:
        'check: a file with {"permissions": {"mode": …, "allow": […], "ask": […], "deny": […]}}, instead of the rules in force',
    },
    { name: "session", short: "s", value: "ID", purpose: "check: also apply this session's mode and rules" },
    {
      name: "cwd",
      value: "DIR",
      purpose: "check: the folder in which the command would run (default: the current folder)",
    },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: [
    "tutti permission check -- git status",
    "tutti permission check --rules rules.json --format json -- 'ls && rm -rf .'",
  ],
  async run(input) {
    const [verb, ...words] = input.positionals;
    const runVerb = verbs[verb ?? ""];
    if (!runVerb)
      throw usageError(
        `${verb === undefined ? "Missing subcommand" : `Unknown subcommand ${JSON.stringify(verb)}`}. Use one of: ${Object.keys(verbs).join(", ")}.`,
      );
    return runVerb(input, words);
  },
};

/** A single argument is a whole command line. Of several, quotes those with spaces again, since the shell has removed the quotes. */
function joinCommandLine(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? "";
  return words.map((word) => (/\s|^$/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word)).join(" ");
}

async function readRules(cwd: string, file: string): Promise<unknown> {
  const text = await readFile(resolve(cwd, file), "utf8").catch((error) => {
    throw usageError(`Cannot read ${file}: ${describeError(error)}.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${file} is not valid JSON: ${describeError(error)}.`);
  }
}
