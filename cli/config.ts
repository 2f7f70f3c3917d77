/** `tutti config`: what is in effect, where it came from, and the user's file. */
import { spawn } from "node:child_process";
import type { Link } from "../client/link.ts";
import { nearest } from "../client/nearest.ts";
import { wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";
import { safe } from "./print/text.ts";

type Verb = (input: Input, link: Link, words: string[]) => Promise<number>;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const { values } = await link.call("configRead", { cwd: input.cwd });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(values, null, 2)}\n`);
    else
      for (const { key, value, source } of values)
        input.terminal.out(`${key} = ${safe(JSON.stringify(value))}  (${safe(source)})\n`);
    return 0;
  },
  async get(input, link, [key]) {
    if (key === undefined) throw wrong("Say which key: tutti config get KEY.");
    const { values } = await link.call("configRead", { cwd: input.cwd, key });
    if (values.length === 0) return 1;
    const [only] = values;
    const exact =
      values.length === 1 && only?.key === key
        ? only.value
        : Object.fromEntries(values.map((value) => [value.key, value.value]));
    input.terminal.out(`${typeof exact === "string" ? safe(exact) : safe(JSON.stringify(exact))}\n`);
    return 0;
  },
  async set(input, link, [key, ...words]) {
    if (key === undefined || words.length === 0) throw wrong("Say what to set: tutti config set KEY VALUE.");
    const { path } = await link.call("configWrite", { key, text: words.join(" ") });
    input.terminal.note(`${key} is set in ${path}.\n`);
    return 0;
  },
  async unset(input, link, [key]) {
    if (key === undefined) throw wrong("Say which key: tutti config unset KEY.");
    const { path } = await link.call("configWrite", { key });
    input.terminal.note(`${key} is no longer in ${path}.\n`);
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
      editor.on("error", () => reject(wrong(`${program} cannot be started; set EDITOR, or edit ${path} yourself.`)));
      editor.on("exit", (code) => resolve(code ?? 1));
    });
  },
};

export const config: Command = {
  name: "config",
  operands: "list|get KEY|set KEY VALUE|unset KEY|path|edit|schema",
  purpose: "The configuration: what is in effect and where it came from, and changes to your own file.",
  verbs: Object.keys(verbs),
  flags: [{ name: "format", value: "FORMAT", of: ["text", "json"], purpose: "list: how to print" }],
  examples: ["tutti config set model ollama/qwen3-coder:30b", "tutti config list"],
  async run(input) {
    const [verb = "list", ...words] = input.words;
    const act = verbs[verb];
    if (!act) {
      const near = nearest(verb, Object.keys(verbs));
      throw wrong(
        `tutti config knows ${Object.keys(verbs).join(", ")}${near === null ? "" : `; did you mean ${near}?`}`,
      );
    }
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await act(input, link, words);
    } finally {
      await link.close();
    }
  },
};
