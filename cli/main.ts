/** Finds the command, parses its flags, runs it, and converts errors to a message and an exit code. */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { exitCode, TuttiError } from "../protocol/errors.ts";
import { findNearest } from "../protocol/nearest.ts";
import { parseFlags, usageError } from "./args.ts";
import type { Command, Programs, Terminal } from "./command.ts";
import { commands } from "./commands.ts";
import { formatHelp, formatOverview } from "./help.ts";
import { run } from "./run.ts";
import { openTerminal } from "./terminal.ts";
import { tui, valueFlags } from "./tui.ts";

export interface CliDeps extends Programs {
  version: string;
}

export async function runCommandLine(argv: readonly string[], deps: CliDeps): Promise<number> {
  const color = !argv.includes("--no-color") && !process.env.NO_COLOR;
  const terminal = openTerminal({ color, quiet: argv.includes("--quiet"), verbose: argv.includes("--verbose") });
  try {
    const { command, words, folder: folderName } = await findCommand(argv);
    const flags = parseFlags(command, words);
    if (command === tui && (flags.isSet("help") || (argv.length === 0 && !terminal.stdinIsTerminal))) {
      terminal.out(formatOverview(deps.version));
      return flags.isSet("help") ? 0 : 2;
    }
    if (flags.isSet("help")) terminal.out(formatHelp(command));
    else if (flags.isSet("version")) terminal.out(`tutti ${deps.version}\n`);
    else {
      const cwd = resolveFolder(folderName ?? flags.text("directory"));
      const config = flags.text("config");
      const configFile = config === undefined ? {} : { config };
      const connect = reportingProblems(terminal, (options) => deps.connect({ ...options, ...configFile }));
      const code = await command.run({
        ...flags,
        cwd,
        terminal,
        connect,
        serve: (options) => deps.serve({ ...options, ...configFile }),
        rehearse: deps.rehearse,
        tui: deps.tui,
        hub: deps.hub,
        listThemes: deps.listThemes,
        dataFolder: deps.dataFolder,
        acp: deps.acp,
        lsp: deps.lsp,
      });
      await terminal.flush();
      return finalExitCode(terminal, code);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof TuttiError)) throw error;
    terminal.error(`tutti: ${error.message}\n`);
    return exitCode(error.code);
  }
}

interface Found {
  command: Command;
  words: string[];
  /** The folder that was passed instead of a command. */
  folder?: string;
}

/** The first argument that is not a flag names the command, or is a folder or a prompt for the terminal UI. */
async function findCommand(typed: readonly string[]): Promise<Found> {
  const argv = replaceAlias(typed);
  const at = findOperand(argv);
  const name = argv[at];
  const words = [...argv.slice(0, at), ...argv.slice(at + 1)];
  const row = commands.find((candidate) => candidate.name === name);
  // The arguments of other commands may be those of another program, as in `tutti permission check -- mkdir -p a`.
  if (row)
    return {
      command: await row.load(),
      words: row.name === run.name ? removePrintFlag(words, findOperand(words)) : words,
    };
  const asRun = removePrintFlag(argv);
  if (asRun.length < argv.length) return { command: run, words: asRun };
  if (name === undefined) return { command: tui, words: [...argv] };
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory()) return { command: tui, words, folder: name };
  if (/\s/.test(name)) return { command: tui, words: [...words, `--prompt=${name}`] };
  const suggestion = findNearest(
    name,
    commands.map((candidate) => candidate.name),
  );
  throw usageError(
    `No command or folder is named ${JSON.stringify(name)}. ${suggestion === null ? "Run `tutti --help` for a list of commands. To send a one-word prompt, use `tutti --prompt`." : `Did you mean \`tutti ${suggestion}\`?`}`,
  );
}

/** Removes `-p` and `--print` before `end`, with which other agents do what `run` does. After it, they may belong to the prompt. */
function removePrintFlag(
  words: readonly string[],
  end = words.includes("--") ? words.indexOf("--") : words.length,
): string[] {
  return words.filter((word, at) => at >= end || (word !== "-p" && word !== "--print"));
}

/** The index of the first argument that is neither a flag nor the value of one. */
function findOperand(argv: readonly string[]): number {
  const withValue = new Set(["--config", "--directory", "-C", "--theme", ...valueFlags]);
  let at = 0;
  while (argv[at]?.startsWith("-")) at += withValue.has(argv[at] ?? "") ? 2 : 1;
  return at;
}

/** Commands as users of other agents type them. */
function replaceAlias(argv: readonly string[]): string[] {
  const at = findOperand(argv);
  const [before, name, rest] = [argv.slice(0, at), argv[at], argv.slice(at + 1)];
  switch (name) {
    case "help":
      return [...before, ...rest, "--help"];
    case "resume":
      return [...before, ...(rest[0]?.startsWith("-") === false ? ["--session", ...rest] : ["--continue", ...rest])];
    case "mcp":
      return [...before, "plugins", ...rest];
    case "login":
    case "logout":
      return [...before, "providers", name, ...rest];
    default:
      return [...argv];
  }
}

const EPIPE_EXIT = 141;

/** A run whose output could not be written has failed. A closed pipe exits as SIGPIPE would, without a message. */
function finalExitCode(terminal: Terminal, code: number): number {
  const outputError = terminal.outputError();
  if (outputError === null) return code;
  if (outputError.code === "EPIPE") return EPIPE_EXIT;
  terminal.error(`tutti: Cannot write to standard output: ${outputError.message}.\n`);
  return code === 0 ? exitCode("failed") : code;
}

/** Prints configuration problems once, before anything else. */
function reportingProblems(terminal: Terminal, connect: CliDeps["connect"]): CliDeps["connect"] {
  return async (options) => {
    const link = await connect(options);
    for (const { level, text } of link.problems) {
      if (level === "error") terminal.error(`tutti: ${text}\n`);
      else terminal.note(`warning: ${text}\n`);
    }
    return link;
  };
}

function resolveFolder(named: string | undefined): string {
  const path = named !== undefined && isAbsolute(named) ? resolve(named) : resolve(currentFolder(), named ?? ".");
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw usageError(`${path} is not a folder.`);
  return realpathSync(path);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    throw usageError("The current folder no longer exists. Change to another one, or pass --directory.");
  }
}
