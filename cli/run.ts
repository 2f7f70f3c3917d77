/** `tutti run`: runs one prompt, prints the result, and exits. */
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { exitCode, TuttiError } from "../protocol/errors.ts";
import type { Attachment, EventOf, Settings } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import { type Effort, efforts, type Mode, modes, type Tier, tiers } from "../protocol/settings.ts";
import { parseDuration, parsePositive, usageError } from "./args.ts";
import { tokenFileFlag } from "./attach-flags.ts";
import { readAttachments } from "./attachments.ts";
import type { Command, CommandInput } from "./command.ts";
import { followSession } from "./follow.ts";
import { readStdin } from "./piped-input.ts";
import { jsonPrinter, streamPrinter } from "./print/json.ts";
import type { Printer, RunResult } from "./print/printer.ts";
import { textPrinter } from "./print/text.ts";
import type { Schema } from "./result-schema.ts";
import { pickSession } from "./session-choice.ts";
import { expandSlash } from "./slash.ts";

export const run: Command = {
  name: "run",
  operands: "[PROMPT…]",
  purpose: "Run one prompt, print the result, and exit. Piped standard input is appended to the prompt.",
  flags: [
    { name: "context", value: "FILE", repeatable: true, purpose: "Attach a text file; repeatable" },
    { name: "file", short: "f", value: "FILE", repeatable: true, purpose: "Attach a text or image file; repeatable" },
    { name: "image", value: "FILE", repeatable: true, purpose: "Attach an image; repeatable" },
    { name: "model", short: "m", value: "PROVIDER/MODEL", purpose: "The model to use" },
    {
      name: "provider",
      value: "NAME",
      purpose: "The provider to use, with its configured model or else its first model",
    },
    { name: "agent", value: "NAME", purpose: "The agent to work with; see `tutti agents`" },
    { name: "tier", value: "TIER", choices: tiers, purpose: "Use the model of this tier: quick, standard or advanced" },
    {
      name: "effort",
      value: "LEVEL",
      choices: efforts,
      purpose: "Reasoning effort of the model",
    },
    { name: "base-url", value: "URL", purpose: "Use this OpenAI-compatible endpoint for this run; requires --model" },
    {
      name: "api-key-env",
      value: "NAME",
      purpose: "The environment variable that contains the API key for --base-url",
    },
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "json", "stream-json"],
      purpose: "Output format (default: text)",
    },
    { name: "include-partial-messages", purpose: "With stream-json: also print partial messages" },
    { name: "schema", value: "FILE", purpose: "Require the result to match this JSON Schema" },
    { name: "max-turns", value: "N", purpose: "Stop after this many model requests (exit code 5)" },
    { name: "max-cost", value: "USD", purpose: "Stop when the cost reaches this amount (exit code 6)" },
    { name: "timeout", value: "DURATION", purpose: "Stop after this duration, such as 90s or 5m (exit code 5)" },
    { name: "mode", value: "MODE", choices: modes, purpose: "What the agent can do without approval" },
    {
      name: "allow",
      value: "RULE",
      repeatable: true,
      purpose: "Allow tool calls that match this permission rule, such as 'bash(npm test)'; repeatable",
    },
    {
      name: "deny",
      value: "RULE",
      repeatable: true,
      purpose: "Deny tool calls that match this permission rule; overrides --allow; repeatable",
    },
    {
      name: "sandbox",
      value: "WHEN",
      choices: ["required", "on", "off"],
      purpose: "`required` exits with code 44, `on` warns: sandboxing is not implemented yet",
    },
    { name: "continue", short: "c", purpose: "Continue the most recent session in this folder" },
    { name: "session", short: "s", value: "ID", purpose: "Continue this session: an ID, the start of one, or `last`" },
    { name: "fork", purpose: "With -c or -s: continue in a fork of the session" },
    { name: "ephemeral", purpose: "Do not save the session" },
    { name: "no-project", purpose: "Ignore project configuration and all instruction files, including your own" },
    {
      name: "attach",
      value: "URL",
      purpose: "Run on the server at this socket or address; `local` starts one if necessary",
    },
    tokenFileFlag,
    {
      name: "trust",
      value: "DIR",
      purpose: "Trust the configuration of DIR for this run; DIR must be the working folder",
    },
    { name: "record", value: "FILE", purpose: "Record model and tool traffic to this file" },
    { name: "replay", value: "FILE", purpose: "Replay a recording without a model" },
  ],
  examples: [
    'tutti run "Why does the build fail?"',
    "git diff | tutti run --format json 'Review this change' | jq -r .result",
  ],
  run: runPrompt,
};

async function runPrompt(input: CommandInput): Promise<number> {
  const { terminal } = input;
  if (input.text("sandbox") === "required") {
    throw new TuttiError(
      "sandbox",
      "--sandbox required: sandboxing is not implemented yet. Run without it, or in a container.",
    );
  }
  const argument = input.positionals.join(" ");
  const piped = await readStdin(argument !== "", terminal);
  const text = [argument, piped.trimEnd()].filter((part) => part !== "").join("\n\n");
  if (text === "") throw usageError('Missing prompt. For example: tutti run "Explain this folder"');
  const schema = await readSchema(input.text("schema"));
  return runInSession(input, {
    schema,
    printer: createPrinter(input),
    prompt: async (link, session) => ({
      text: await expandSlash(link, input.cwd, text),
      attachments: await readAttachments(input, link, session),
    }),
  });
}

export interface PromptRun {
  schema: Schema | null;
  /** `end` is called once, with the result. */
  printer: Pick<Printer, "event"> & { end(ended: RunResult): void | Promise<void> };
  /** Null if there is nothing to do. */
  prompt(link: Link, session: string): Promise<{ text: string; attachments: Attachment[] } | null>;
  /** In addition to those of the flags. */
  settings?: Settings;
}

/** Runs one prompt with the flags of `tutti run`. Resolves with the exit code. */
export async function runInSession(input: CommandInput, run: PromptRun): Promise<number> {
  const { schema, printer } = run;
  const limit = input.text("timeout");
  const milliseconds = limit === undefined ? null : parseDuration(limit);
  const settings = { ...settingsFromFlags(input, schema?.schema), ...run.settings };

  const link = await connect(input);
  let created: string | null = null;
  try {
    if (link.problems.some(({ level }) => level === "error")) {
      throw new TuttiError("config", "The configuration is invalid. Fix it first.");
    }
    const { session, isNew } = await pickSession(input, link);
    if (isNew && !input.isSet("ephemeral")) created = session;
    const prompt = await run.prompt(link, session);
    if (prompt) {
      const turn = followSession(input, link, session, printer, milliseconds);
      const ended = await turn(prompt.text, prompt.attachments, settings);
      if (!isUnused(ended)) created = null;
      const final = schema ? await schema.enforce(ended, (retryPrompt) => turn(retryPrompt, [], settings)) : ended;
      await printer.end(final);
      if (created !== null) await link.call("sessionDelete", { session: created });
      return final.exitCode ?? (final.failure ? exitCode(final.failure.code) : exitCodeOf(final.end));
    }
    if (created !== null) await link.call("sessionDelete", { session: created });
    return 0;
  } catch (error) {
    // The error of the run is the one to report.
    if (created !== null && isRejected(error))
      await link.call("sessionDelete", { session: created }).catch(() => undefined);
    throw error;
  } finally {
    await link.close();
    await input.terminal.flush();
  }
}

/** True for a run that failed before its first request, such as for a missing key: its session has nothing to continue. */
const isUnused = ({ view, failure }: RunResult): boolean =>
  view.model === "" && failure !== null && failure.code !== "interrupted" && failure.code !== "limit";

/** True if the input was rejected before a turn could start, such as for a file that does not exist. */
const isRejected = (error: unknown): boolean =>
  error instanceof TuttiError && (error.code === "usage" || error.code === "notFound");

function settingsFromFlags(input: CommandInput, answerSchema: Record<string, unknown> | undefined): Settings {
  const model = input.text("base-url") === undefined ? modelFromFlags(input) : `flag/${input.text("model") ?? ""}`;
  const tier = input.text("tier");
  if (model !== undefined && tier !== undefined)
    throw usageError("--tier chooses a model, so it cannot be used with --model, --provider or --base-url.");
  const steps = parsePositive("--max-turns", input.text("max-turns"), true);
  const cost = parsePositive("--max-cost", input.text("max-cost"), false);
  const sandbox = input.text("sandbox");
  const agent = input.text("agent");
  return {
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
    ...(tier !== undefined && { tier: tier as Tier }),
    ...(input.text("effort") !== undefined && { effort: input.text("effort") as Effort }),
    ...(input.text("mode") !== undefined && { mode: input.text("mode") as Mode }),
    ...(sandbox !== undefined && { sandbox: sandbox as "on" | "off" }),
    allow: input.list("allow"),
    deny: input.list("deny"),
    ...(steps !== undefined && { maxSteps: steps }),
    ...(cost !== undefined && { maxCost: cost }),
    ...(answerSchema && { answerSchema }),
  };
}

export function modelFromFlags(input: CommandInput): string | undefined {
  const provider = input.text("provider");
  const model = input.text("model");
  if (provider === undefined) return model;
  return model === undefined ? `${provider}/` : model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
}

function connect(input: CommandInput): Promise<Link> {
  const baseUrl = input.text("base-url");
  const keyName = input.text("api-key-env");
  if (baseUrl !== undefined && input.text("model") === undefined) throw usageError("--base-url requires --model NAME.");
  if (baseUrl === undefined && keyName !== undefined) throw usageError("--api-key-env requires --base-url.");
  if (baseUrl !== undefined && !/^https?:\/\/[^/]/i.test(baseUrl))
    throw usageError(
      `Invalid --base-url ${JSON.stringify(baseUrl)}. Use an http:// or https:// URL, such as http://127.0.0.1:8080/v1.`,
    );
  if (keyName !== undefined && !process.env[keyName])
    throw new TuttiError(
      "auth",
      `The environment variable ${keyName} from --api-key-env is not set. Set it to the API key.`,
    );
  const attach = input.text("attach");
  const tokenFile = input.text("token-file");
  const record = input.text("record");
  const replay = input.text("replay");
  if (attach !== undefined && (record ?? replay) !== undefined)
    throw usageError("--record and --replay cannot be used with --attach.");
  if (record !== undefined && replay !== undefined) throw usageError("--record and --replay cannot be used together.");
  const trusted = input.text("trust");
  if (trusted !== undefined && resolveReal(input.cwd, trusted) !== input.cwd)
    throw usageError(`Invalid --trust ${trusted}. Use the working folder: ${input.cwd}.`);
  return input.connect({
    ...(trusted !== undefined && { trusted: input.cwd }),
    cwd: input.cwd,
    project: !input.isSet("no-project"),
    answers: input.terminal.stdinIsTerminal && input.terminal.stderrIsTerminal,
    ...(attach !== undefined && { attach }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(baseUrl !== undefined && { provider: { baseUrl, ...(keyName !== undefined && { keyName }) } }),
    ...(record !== undefined && { record }),
    ...(replay !== undefined && { replay }),
  });
}

const resolveReal = (cwd: string, path: string): string => {
  const named = resolve(cwd, path);
  return existsSync(named) ? realpathSync.native(named) : named;
};

function createPrinter(input: CommandInput): Printer {
  const format = input.text("format") ?? "text";
  if (format === "json") return jsonPrinter(input.terminal);
  if (format === "stream-json") return streamPrinter(input.terminal, input.isSet("include-partial-messages"));
  return textPrinter(input.terminal);
}

/** Loaded on demand: the validator is large. */
async function readSchema(file: string | undefined): Promise<Schema | null> {
  return file === undefined ? null : (await import("./schema.ts")).openSchema(file);
}

function exitCodeOf({ outcome }: EventOf<"turn.ended">): number {
  if (outcome === "done") return 0;
  return exitCode(outcome === "limit" ? "limit" : outcome === "failed" ? "failed" : "interrupted");
}
