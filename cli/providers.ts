/** `tutti providers`: lists and tests providers, and stores their keys. */
import { createInterface } from "node:readline/promises";
import { formatTable } from "../client/table.ts";
import type { Link } from "../protocol/link.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { readStdin } from "./piped-input.ts";
import { sanitize } from "./print/text.ts";

type Verb = (input: CommandInput, link: Link, name: string | undefined) => Promise<number>;

const ICONS = { ok: "✓", failed: "✗", unknown: "?" } as const;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const { providers } = await link.call("providerList", {});
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(providers, null, 2)}\n`);
    else {
      const rows = providers.map(({ id, name, key, models, baseUrl }) => [
        id,
        sanitize(name),
        key,
        `${models}`,
        baseUrl,
      ]);
      input.terminal.out(formatTable(["ID", "NAME", "KEY", "MODELS", "ADDRESS"], rows));
    }
    return 0;
  },
  async test(input, link, name) {
    const model = input.text("model");
    const { model: tried, checks } = await link.call("providerTest", {
      provider: requireName(name),
      ...(model !== undefined && { model }),
    });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ model: tried, checks }, null, 2)}\n`);
    else {
      input.terminal.out(`${sanitize(tried)}\n`);
      for (const check of checks)
        input.terminal.out(`${ICONS[check.state]} ${check.name}: ${sanitize(check.detail)}\n`);
    }
    return checks.some(({ state }) => state === "failed") ? 3 : 0;
  },
  async login(input, link, name) {
    const provider = requireName(name);
    const key = (
      input.terminal.stdinIsTerminal
        ? await askHidden(`API key for ${provider}: `)
        : await readStdin(false, input.terminal)
    ).trim();
    if (key === "")
      throw usageError(
        `Missing API key. Enter it when prompted, or pipe it: printf %s "$KEY" | tutti providers login ${provider}`,
      );
    const { stored, path } = await link.call("providerLogin", { provider, key });
    input.terminal.note(
      stored === "keychain"
        ? "Stored the key in the system keychain.\n"
        : `Stored the key in ${path}, which only you can read.\n`,
    );
    return 0;
  },
  async logout(input, link, name) {
    const { removed } = await link.call("providerLogout", { provider: requireName(name) });
    input.terminal.note(removed ? "Removed the key.\n" : "No key is stored.\n");
    return 0;
  },
};

export const providers: Command = {
  name: "providers",
  operands: "list|test NAME|login NAME|logout NAME",
  purpose: "List and test providers, and store their API keys.",
  verbs: Object.keys(verbs),
  flags: [
    { name: "model", value: "NAME", purpose: "test: the model to use" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ["tutti providers login groq", "tutti providers test ollama"],
  async run(input) {
    const [verb = "list", name] = input.positionals;
    const runVerb = verbs[verb];
    if (!runVerb)
      throw usageError(`Unknown subcommand ${JSON.stringify(verb)}. Use one of: ${Object.keys(verbs).join(", ")}.`);
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await runVerb(input, link, name);
    } finally {
      await link.close();
    }
  },
};

function requireName(name: string | undefined): string {
  if (name === undefined) throw usageError("Missing provider name. See `tutti providers list`.");
  return name;
}

/** Does not echo the input, so that it is not stored in the scrollback. */
async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const { Writable } = await import("node:stream");
  const sink = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: sink, terminal: true });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
