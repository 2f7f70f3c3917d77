/** `tutti config`: shows effective values with their sources, and edits the user's file. */
import { spawn } from "node:child_process";
import type { Link } from "../protocol/link.ts";
import { findNearest } from "../protocol/nearest.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";

type Verb = (input: CommandInput, link: Link, words: string[]) => Promise<number>;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const { values } = await link.call("configRead", { cwd: input.cwd });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(values, null, 2)}\n`);
    else
      for (const { key, value, source } of values)
        input.terminal.out(`${key} = ${sanitize(JSON.stringify(value))}  (${sanitize(source)})\n`);
    return 0;
  },
  async get(input, link, [key]) {
    if (key === undefined) throw usageError("Missing key. Use `tutti config get KEY`.");
    const { values } = await link.call("configRead", { cwd: input.cwd, key });
    if (values.length === 0) return 1;
    const [only] = values;
    const exact =
      values.length === 1 && only?.key === key
        ? only.value
        : Object.fromEntries(values.map((value) => [value.key, value.value]));
    input.terminal.out(`${typeof exact === "string" ? sanitize(exact) : sanitize(JSON.stringify(exact))}\n`);
    return 0;
  },
  async set(input, link, [key, ...words]) {
    if (key === undefined || words.length === 0)
      throw usageError("Missing key or value. Use `tutti config set KEY VALUE`.");
    const { path, warning } = await link.call("configWrite", { key, text: words.join(" ") });
    if (warning !== undefined) input.terminal.note(`warning: ${sanitize(warning)}\n`);
    input.terminal.note(`Set ${key} in ${path}.\n`);
    return 0;
  },
  async unset(input, link, [key]) {
    if (key === undefined) throw usageError("Missing key. Use `tutti config unset KEY`.");
    const { path } = await link.call("configWrite", { key });
    input.terminal.note(`Removed ${key} from ${path}.\n`);
    return 0;
  },
  async path(input, link) {
    input.terminal.out(`${(await link.call("configRead", { cwd: input.cwd, key: "model" })).path}\n`);
    return 0;
  },
  async schema(input, link) {
    const { schema } = await link.call("configSchema", {});
    input.terminal.out(`${JSON.stringify(schema, null, 2)}\n`);
    return 0;
  },
  async edit(input, link) {
    const { path } = await link.call("configRead", { cwd: input.cwd, key: "model" });
    const [program = "vi", ...args] = (process.env.VISUAL || process.env.EDITOR || "vi").split(" ");
    const editor = spawn(program, [...args, path], { stdio: "inherit" });
    return new Promise((resolve, reject) => {
      editor.on("error", () =>
        reject(usageError(`Cannot start the editor ${program}. Set EDITOR, or edit ${path} manually.`)),
      );
      editor.on("exit", (code) => resolve(code ?? 1));
    });
  },
};

export const config: Command = {
  name: "config",
  operands: "list|get KEY|set KEY VALUE|unset KEY|path|edit|schema",
  purpose: "Show the effective configuration and the source of each value, and edit your configuration file.",
  verbs: Object.keys(verbs),
  flags: [{ name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "list: output format" }],
  examples: ["tutti config set model ollama/qwen3-coder:30b", "tutti config list"],
  async run(input) {
    const [verb = "list", ...words] = input.positionals;
    const runVerb = verbs[verb];
    if (!runVerb) {
      const suggestion = findNearest(verb, Object.keys(verbs));
      throw usageError(
        `Unknown subcommand ${JSON.stringify(verb)}. ${suggestion === null ? `Use one of: ${Object.keys(verbs).join(", ")}.` : `Did you mean \`tutti config ${suggestion}\`?`}`,
      );
    }
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await runVerb(input, link, words);
    } finally {
      await link.close();
    }
  },
};
