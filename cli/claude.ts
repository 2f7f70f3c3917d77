/** `tutti claude`: does what scripts expect of Claude Code's `claude -p`, with Tutti's models and permissions. */
import { exitCode, TuttiError } from "../protocol/errors.ts";
import { splitRules } from "../protocol/split-rules.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput, ConnectOptions, ParsedFlags } from "./command.ts";
import { run } from "./run.ts";

const MAX_DEPTH = 2;
/** The variable with the number of runs of this command that this one is nested in. */
const DEPTH = "TUTTI_CLAUDE_DEPTH";

const permissionModes = ["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk"] as const;
const formats = ["text", "json", "stream-json"] as const;

export const claude: Command = {
  name: "claude",
  operands: "-p [PROMPT]",
  purpose:
    "Run one prompt with the flags of Claude Code's `claude -p`, for scripts that call it. The prompt is an argument, standard input, or both.",
  flags: [
    { name: "print", short: "p", purpose: "Print the response and exit; required" },
    {
      name: "model",
      value: "MODEL",
      purpose: "haiku, sonnet or opus for the tiers quick, standard and advanced; or provider/model",
    },
    { name: "output-format", value: "FORMAT", choices: formats, purpose: "Output format (default: text)" },
    { name: "input-format", value: "FORMAT", choices: ["text"], purpose: "Only text" },
    { name: "include-partial-messages", purpose: "With stream-json: also print partial messages" },
    { name: "system-prompt", value: "TEXT", purpose: "Use this system prompt in place of Tutti's" },
    { name: "append-system-prompt", value: "TEXT", purpose: "Add this to the system prompt" },
    { name: "tools", value: "NAMES", purpose: "Offer only these tools; '' for none, `default` for all" },
    ...["allowedTools", "allowed-tools"].map((name) => ({
      name,
      value: "RULES",
      repeatable: true,
      purpose: "Allow these tools or calls without approval, unless a rule of yours asks or denies",
    })),
    ...["disallowedTools", "disallowed-tools"].map((name) => ({
      name,
      value: "RULES",
      repeatable: true,
      purpose: "Deny these tools or calls",
    })),
    {
      name: "setting-sources",
      value: "NAMES",
      purpose: "'' for no hooks, plugins or project configuration, and only the tools you name",
    },
    { name: "max-turns", value: "N", purpose: "Stop after this many model requests" },
    { name: "max-budget-usd", value: "USD", purpose: "Stop when the cost reaches this amount" },
    {
      name: "permission-mode",
      value: "MODE",
      choices: permissionModes,
      purpose: "plan, default or acceptEdits; others work like default",
    },
    { name: "dangerously-skip-permissions", purpose: "Has no effect: your permissions apply" },
    { name: "continue", short: "c", purpose: "Continue the most recent session in this folder" },
    { name: "resume", short: "r", value: "ID", purpose: "Continue this session" },
    { name: "fork-session", purpose: "With --continue or --resume: continue in a fork of the session" },
    { name: "no-session-persistence", purpose: "Do not save the session" },
  ],
  examples: [
    'tutti claude -p --model haiku --tools "" "Name this commit"',
    "git diff | tutti claude -p --output-format json 'Review this change'",
  ],
  run: runPrint,
};

async function runPrint(input: CommandInput): Promise<number> {
  if (!input.isSet("print"))
    throw usageError("Only `claude -p` is available to programs that Tutti starts. Add -p, or run `tutti` yourself.");
  const depth = Number(process.env[DEPTH]) || 0;
  if (depth >= MAX_DEPTH) {
    input.terminal.error(
      `claude: Stopped: it is nested in ${MAX_DEPTH} other runs, probably because a hook of such a run calls it again. Pass --setting-sources "" to run without hooks.\n`,
    );
    return exitCode("failed");
  }
  // Hooks and commands of this run get it, too.
  process.env[DEPTH] = String(depth + 1);
  noteIgnored(input);
  const { flags, agent } = convertFlags(input);
  const connect = (options: ConnectOptions) => input.connect({ ...options, printAgent: agent });
  const code = await runReporting({ ...input, ...flags, connect });
  // Scripts know 0, 1, and that it was interrupted.
  return code === 0 || code === exitCode("interrupted") ? code : 1;
}

/** Of runs for which a key may be missing. */
const NO_KEY_CODES = [exitCode("auth"), exitCode("config"), exitCode("noModel")];

async function runReporting(input: CommandInput): Promise<number> {
  const { error } = input.terminal;
  const explain = (code: number): number => {
    if (NO_KEY_CODES.includes(code))
      error(
        "claude: Programs that Tutti starts do not get the API keys in its environment. Store the key with `tutti providers login`.\n",
      );
    return code;
  };
  try {
    return explain(await run.run(input));
  } catch (cause) {
    if (!(cause instanceof TuttiError) || cause.code === "usage") throw cause;
    error(`claude: ${cause.message}\n`);
    return explain(exitCode(cause.code));
  }
}

function noteIgnored(input: CommandInput): void {
  const mode = input.text("permission-mode");
  const ignored = [
    ...(input.isSet("dangerously-skip-permissions") ? ["--dangerously-skip-permissions"] : []),
    ...(mode === "bypassPermissions" || mode === "dontAsk" ? [`--permission-mode ${mode}`] : []),
  ];
  for (const flag of ignored) input.terminal.error(`claude: ${flag} has no effect: your permissions apply.\n`);
}

function convertFlags(input: CommandInput): {
  flags: ParsedFlags;
  agent: NonNullable<ConnectOptions["printAgent"]>;
} {
  const words = splitPositionals(input);
  const bare = input.text("setting-sources")?.trim() === "";
  const sources = input
    .text("setting-sources")
    ?.split(",")
    .map((name) => name.trim());
  const allow = [...input.list("allowedTools"), ...input.list("allowed-tools"), ...words.allow].flatMap(splitRules);
  const deny = [...input.list("disallowedTools"), ...input.list("disallowed-tools"), ...words.deny].flatMap(splitRules);
  const named = input.text("tools");
  const tools = named === undefined ? (bare ? allow : null) : named === "default" ? null : splitRules(named);
  const texts: Record<string, string | undefined> = {
    agent: "claude",
    format: input.text("output-format"),
    "max-turns": input.text("max-turns"),
    "max-cost": input.text("max-budget-usd"),
    session: input.text("resume"),
    mode: ({ plan: "plan", acceptEdits: "edit" } as Record<string, string>)[input.text("permission-mode") ?? ""],
    ...convertModel(input.text("model")),
  };
  const isResumed = input.isSet("continue") || texts.session !== undefined;
  const switches: Record<string, boolean> = {
    continue: input.isSet("continue"),
    fork: input.isSet("fork-session"),
    // A run without tools is a script's question to a model, which no one continues.
    ephemeral: !isResumed && (input.isSet("no-session-persistence") || tools?.length === 0),
    "no-project": sources !== undefined && !sources.includes("project"),
    "include-partial-messages": input.isSet("include-partial-messages"),
  };
  const systemPrompt = input.text("system-prompt");
  const appendSystemPrompt = input.text("append-system-prompt");
  return {
    flags: {
      positionals: words.prompt,
      text: (name) => texts[name],
      list: () => [],
      isSet: (name) => switches[name] ?? false,
    },
    agent: {
      ...(systemPrompt !== undefined && { systemPrompt }),
      ...(appendSystemPrompt !== undefined && { appendSystemPrompt }),
      tools,
      allow,
      deny,
      plugins: !bare,
    },
  };
}

const TIERS = { haiku: "quick", sonnet: "standard", opus: "advanced" } as const;

/** A name of Claude Code, such as `claude-haiku-4-5`, stands for a tier. */
function convertModel(model: string | undefined): { model?: string; tier?: string } {
  if (model === undefined || model === "default" || model === "inherit") return {};
  if (model.includes("/")) return { model };
  for (const [family, tier] of Object.entries(TIERS)) if (model.toLowerCase().includes(family)) return { tier };
  return { model };
}

const RULE = /^(?:[A-Z][A-Za-z]*(?:\(.*\))?|mcp__\S+)$/;

/** Claude Code takes several words for the flags with rules; here those after such a flag that look like rules are not the prompt. */
function splitPositionals({ positionals, follows = [] }: CommandInput): {
  prompt: string[];
  allow: string[];
  deny: string[];
} {
  const result: ReturnType<typeof splitPositionals> = { prompt: [], allow: [], deny: [] };
  for (const [at, word] of positionals.entries()) {
    const flag = follows[at] ?? "";
    const takesRules = /^(?:dis)?allowed-?tools$/i.test(flag) && RULE.test(word);
    result[!takesRules ? "prompt" : flag.startsWith("dis") ? "deny" : "allow"].push(word);
  }
  return result;
}
