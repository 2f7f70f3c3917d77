/** `tutti providers`: endpoints, their keys, and what works there. */
import { createInterface } from "node:readline/promises";
import type { Link } from "../client/link.ts";
import { wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";
import { table } from "./print/table.ts";
import { safe } from "./print/text.ts";
import { readPiped } from "./terminal.ts";

type Verb = (input: Input, link: Link, name: string | undefined) => Promise<number>;

const MARKS = { ok: "✓", failed: "✗", unknown: "?" } as const;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const { providers } = await link.call("providerList", {});
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(providers, null, 2)}\n`);
    else {
      const rows = providers.map(({ id, name, key, models, baseUrl }) => [id, safe(name), key, `${models}`, baseUrl]);
      input.terminal.out(table(["ID", "NAME", "KEY", "MODELS", "ADDRESS"], rows));
    }
    return 0;
  },
  async test(input, link, name) {
    const model = input.text("model");
    const { model: tried, checks } = await link.call("providerTest", {
      provider: named(name),
      ...(model !== undefined && { model }),
    });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ model: tried, checks }, null, 2)}\n`);
    else {
      input.terminal.out(`${safe(tried)}\n`);
      for (const check of checks) input.terminal.out(`${MARKS[check.state]} ${check.name}: ${safe(check.detail)}\n`);
    }
    return checks.some(({ state }) => state === "failed") ? 3 : 0;
  },
  async login(input, link, name) {
    const provider = named(name);
    const key = (
      input.terminal.inIsTerminal ? await askHidden(`Key for ${provider}: `) : await readPiped(false)
    ).trim();
    if (key === "")
      throw wrong(
        `No key was given. Type it when asked, or pipe it: printf %s "$KEY" | tutti providers login ${provider}.`,
      );
    const { stored, path } = await link.call("providerLogin", { provider, key });
    input.terminal.note(
      stored === "keychain" ? "Stored in the system's keychain.\n" : `Stored in ${path}, which only you can read.\n`,
    );
    return 0;
  },
  async logout(input, link, name) {
    const { forgotten } = await link.call("providerLogout", { provider: named(name) });
    input.terminal.note(forgotten ? "Forgotten.\n" : "There was no stored key.\n");
    return 0;
  },
};

export const providers: Command = {
  name: "providers",
  operands: "list|test NAME|login NAME|logout NAME",
  purpose: "Endpoints: which there are, their keys, and what works there.",
  verbs: Object.keys(verbs),
  flags: [
    { name: "model", value: "NAME", purpose: "test: the model to try" },
    { name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" },
  ],
  examples: ["tutti providers login groq", "tutti providers test ollama"],
  async run(input) {
    const [verb = "list", name] = input.words;
    const act = verbs[verb];
    if (!act)
      throw wrong(
        `tutti providers knows ${Object.keys(verbs).join(", ")}; ${JSON.stringify(verb)} is not one of them.`,
      );
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await act(input, link, name);
    } finally {
      await link.close();
    }
  },
};

function named(name: string | undefined): string {
  if (name === undefined) throw wrong("Say which provider: `tutti providers list` has the names.");
  return name;
}

/** What is typed is not shown, and does not land in a scrollback. */
async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const { Writable } = await import("node:stream");
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
