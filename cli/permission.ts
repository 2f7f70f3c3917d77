/** `tutti permission`: what a set of rules would say of a command line, and the rules that were kept. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Link } from "../client/link.ts";
import { wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";
import { safe } from "./print/text.ts";

type Verb = (input: Input, words: string[]) => Promise<number>;

const connected = async <T>(input: Input, work: (link: Link) => Promise<T>): Promise<T> => {
  const link = await input.connect({ cwd: input.cwd, project: false, answers: false });
  try {
    return await work(link);
  } finally {
    await link.close();
  }
};

const verbs: Record<string, Verb> = {
  async list(input) {
    const { rules } = await connected(input, (link) => link.call("permissionList", {}));
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(rules)}\n`);
    else for (const { cwd, rule } of rules) input.terminal.out(`${safe(cwd)}  ${safe(rule)}\n`);
    return 0;
  },
  async forget(input, words) {
    const rule = words.length === 0 ? {} : { rule: words.join(" ") };
    const { forgotten } = await connected(input, (link) => link.call("permissionForget", { cwd: input.cwd, ...rule }));
    input.terminal.note(forgotten === 0 ? `There was no such rule for ${input.cwd}.\n` : `Forgotten: ${forgotten}.\n`);
    return 0;
  },
  async check(input, words) {
    const file = input.text("rules");
    if (file === undefined || words.length === 0) {
      throw wrong("Say the rules and the command: tutti permission check --rules FILE -- COMMAND.");
    }
    const text = await readFile(resolve(input.cwd, file), "utf8").catch((error) => {
      throw wrong(`${file} cannot be read: ${error instanceof Error ? error.message : error}.`);
    });
    const cwd = resolve(input.cwd, input.text("cwd") ?? ".");
    const question = { rules: parsed(file, text), cwd, command: lineOf(words) };
    const judged = await connected(input, (link) => link.call("permissionCheck", question));
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(judged)}\n`);
    else {
      const parts = judged.parts.map(
        (part) =>
          `  ${part.decision.padEnd(5)}  ${safe(part.command)}${part.rule === null ? "" : `  (${part.rule})`}\n`,
      );
      input.terminal.out(`${judged.decision}: ${safe(judged.reason)}\n${parts.length > 1 ? parts.join("") : ""}`);
    }
    return 0;
  },
};

export const permission: Command = {
  name: "permission",
  operands: "check --rules FILE -- COMMAND…|list|forget [RULE]",
  purpose: "What the rules would say of a command line (nothing is run), and the rules that you chose to keep.",
  verbs: Object.keys(verbs),
  flags: [
    {
      name: "rules",
      value: "FILE",
      purpose: 'a file as {"permissions": {"mode": …, "allow": […], "ask": […], "deny": […]}}',
    },
    { name: "cwd", value: "DIR", purpose: "the folder to judge it in" },
    { name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" },
  ],
  examples: [
    "tutti permission check --rules rules.json -- git status",
    "tutti permission check --rules rules.json --format json -- 'ls && rm -rf .'",
  ],
  async run(input) {
    const [verb, ...words] = input.words;
    const act = verbs[verb ?? ""];
    if (!act) throw wrong(`tutti permission knows ${Object.keys(verbs).join(", ")}.`);
    return act(input, words);
  },
};

/** One word is a command line as it stands; of several, those that hold blanks were quoted for the shell that started us. */
function lineOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? "";
  return words.map((word) => (/\s|^$/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word)).join(" ");
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(`${file} is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}
