/** `tutti run`: one prompt, the result, an exit code. */
import type { Link } from "../client/link.ts";
import { exitCode, TuttiError } from "../protocol/errors.ts";
import type { EventOf } from "../protocol/events.ts";
import type { Settings } from "../protocol/methods.ts";
import { duration, positive, wrong } from "./args.ts";
import { readAttachments } from "./attachments.ts";
import type { Command, Input } from "./command.ts";
import { openFollower } from "./follow.ts";
import { jsonPrinter, streamPrinter } from "./print/json.ts";
import type { Printer } from "./print/printer.ts";
import { textPrinter } from "./print/text.ts";
import { pickSession } from "./session-choice.ts";
import { expandSlash } from "./slash.ts";
import { readPiped } from "./terminal.ts";

export const run: Command = {
  name: "run",
  operands: "[PROMPT…]",
  purpose: "One prompt: do it, print the result, exit. Standard input is added to the prompt when piped.",
  flags: [
    { name: "context", value: "FILE", many: true, purpose: "a text to read with the prompt" },
    { name: "file", short: "f", value: "FILE", many: true, purpose: "a file to attach, text or image" },
    { name: "image", value: "FILE", many: true, purpose: "an image to attach" },
    { name: "model", value: "PROVIDER/MODEL", purpose: "the model to use" },
    { name: "provider", value: "NAME", purpose: "the provider to use, with its first or configured model" },
    {
      name: "effort",
      value: "LEVEL",
      of: ["none", "low", "medium", "high"],
      purpose: "how much the model should reason",
    },
    { name: "base-url", value: "URL", purpose: "a one-off endpoint" },
    { name: "api-key-env", value: "NAME", purpose: "the variable that holds its key" },
    { name: "format", value: "FORMAT", of: ["text", "json", "stream-json"], purpose: "what to print (text)" },
    { name: "include-partial-messages", purpose: "with stream-json: text as it comes, too" },
    { name: "schema", value: "FILE", purpose: "JSON Schema that the result must fit" },
    { name: "max-turns", value: "N", purpose: "model requests at most (exit 5)" },
    { name: "max-cost", value: "USD", purpose: "cost at most (exit 6)" },
    { name: "timeout", value: "DURATION", purpose: "time at most, as 90s or 5m (exit 5)" },
    { name: "mode", value: "MODE", of: ["plan", "ask", "edit", "auto"], purpose: "what is allowed without asking" },
    { name: "allow", value: "RULE", many: true, purpose: "a permission rule, as 'bash(npm test)'" },
    { name: "deny", value: "RULE", many: true, purpose: "a permission rule; deny always wins" },
    {
      name: "sandbox",
      value: "WHEN",
      of: ["required", "on", "off"],
      purpose: "required ends with exit 44: this version has no sandbox",
    },
    { name: "continue", short: "c", purpose: "go on with the last session of this folder" },
    { name: "session", short: "s", value: "ID", purpose: "go on with this session" },
    { name: "fork", purpose: "with -c or -s: in a copy of it" },
    { name: "ephemeral", purpose: "keep nothing of it" },
    { name: "no-project", purpose: "take no notice of the project's configuration and instructions" },
    { name: "attach", value: "URL", purpose: "run in the server at this socket or address; `local` starts yours" },
    { name: "token-file", value: "FILE", purpose: "with --attach ws://…: the token of that server" },
    { name: "record", value: "FILE", purpose: "record model and tool traffic" },
    { name: "replay", value: "FILE", purpose: "replay such a recording without a model" },
  ],
  examples: [
    'tutti run "Why does the build fail?"',
    "git diff | tutti run --format json 'Review this change' | jq -r .result",
  ],
  run: runPrompt,
};

async function runPrompt(input: Input): Promise<number> {
  const { terminal } = input;
  if (input.text("sandbox") === "required") {
    throw new TuttiError(
      "sandbox",
      "A sandbox is required, and this version of Tutti has none. Run without --sandbox required, or in a container.",
    );
  }
  const words = input.words.join(" ");
  const piped = await readPiped(words !== "");
  const text = [words, piped.trimEnd()].filter((part) => part !== "").join("\n\n");
  if (text === "") throw wrong('There is no prompt. Say what to do: tutti run "Explain this folder".');
  const schema = await readSchema(input.text("schema"));
  const limit = input.text("timeout");
  const milliseconds = limit === undefined ? null : duration(limit);
  const settings = settingsOf(input, schema?.schema);

  const link = await connect(input);
  try {
    if (link.problems.some(({ level }) => level === "error")) {
      throw new TuttiError(
        "config",
        "Nothing was run, because the configuration does not say what it means to say; mend it first.",
      );
    }
    const session = await pickSession(input, link);
    const attachments = await readAttachments(input, link, session);
    const printer = printerOf(input);
    const turn = openFollower(input, link, session, printer, milliseconds);
    const ended = await turn(await expandSlash(link, input.cwd, text), attachments, settings);
    const final = schema ? await schema.enforce(ended, (again) => turn(again, [], settings)) : ended;
    printer.end(final);
    return final.exit ?? (final.failure ? exitCode(final.failure.code) : exitOf(final.end));
  } finally {
    await link.close();
    await terminal.flushed();
  }
}

function settingsOf(input: Input, answerSchema: Record<string, unknown> | undefined): Settings {
  const model = input.text("base-url") === undefined ? modelOf(input) : `flag/${input.text("model") ?? ""}`;
  const steps = positive("--max-turns", input.text("max-turns"), true);
  const cost = positive("--max-cost", input.text("max-cost"), false);
  return {
    ...(model !== undefined && { model }),
    ...(input.text("effort") !== undefined && { effort: input.text("effort") as NonNullable<Settings["effort"]> }),
    ...(input.text("mode") !== undefined && { mode: input.text("mode") as NonNullable<Settings["mode"]> }),
    allow: input.list("allow"),
    deny: input.list("deny"),
    ...(steps !== undefined && { maxSteps: steps }),
    ...(cost !== undefined && { maxCost: cost }),
    ...(answerSchema && { answerSchema }),
  };
}

function modelOf(input: Input): string | undefined {
  const provider = input.text("provider");
  const model = input.text("model");
  if (provider === undefined) return model;
  return model === undefined ? `${provider}/` : model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
}

function connect(input: Input): Promise<Link> {
  const baseUrl = input.text("base-url");
  const keyName = input.text("api-key-env");
  if (baseUrl !== undefined && input.text("model") === undefined)
    throw wrong("--base-url needs --model NAME: the model to ask for there.");
  if (baseUrl === undefined && keyName !== undefined) throw wrong("--api-key-env goes with --base-url.");
  if (baseUrl !== undefined && !/^https?:\/\/[^/]/i.test(baseUrl))
    throw wrong(
      `--base-url must begin with http:// or https://, as in http://127.0.0.1:8080/v1; ${JSON.stringify(baseUrl)} does not.`,
    );
  if (keyName !== undefined && !process.env[keyName])
    throw new TuttiError(
      "auth",
      `The variable ${keyName}, which --api-key-env names, is not set; put the key in there.`,
    );
  const attach = input.text("attach");
  const tokenFile = input.text("token-file");
  const record = input.text("record");
  const replay = input.text("replay");
  if (attach !== undefined && (record ?? replay) !== undefined)
    throw wrong("--record and --replay do not go with --attach: they need the server in this process.");
  if (record !== undefined && replay !== undefined) throw wrong("--record and --replay exclude each other.");
  return input.connect({
    cwd: input.cwd,
    project: !input.on("no-project"),
    answers: input.terminal.inIsTerminal && input.terminal.noteIsTerminal,
    ...(attach !== undefined && { attach }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(baseUrl !== undefined && { provider: { baseUrl, ...(keyName !== undefined && { keyName }) } }),
    ...(record !== undefined && { record }),
    ...(replay !== undefined && { replay }),
  });
}

function printerOf(input: Input): Printer {
  const format = input.text("format") ?? "text";
  if (format === "json") return jsonPrinter(input.terminal);
  if (format === "stream-json") return streamPrinter(input.terminal, input.on("include-partial-messages"));
  return textPrinter(input.terminal);
}

/** Loaded only where it is asked for: the validator is large. */
async function readSchema(file: string | undefined) {
  return file === undefined ? null : (await import("./schema.ts")).openSchema(file);
}

function exitOf({ outcome }: EventOf<"turn.ended">): number {
  if (outcome === "done") return 0;
  return exitCode(outcome === "limit" ? "limit" : outcome === "failed" ? "failed" : "interrupted");
}
