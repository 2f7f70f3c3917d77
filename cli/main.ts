/** Finds the command, reads its flags, runs it, and turns what goes wrong into one line and an exit code. */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Link } from "../client/link.ts";
import { nearest } from "../client/nearest.ts";
import { exitCode, TuttiError } from "../protocol/errors.ts";
import { parse, wrong } from "./args.ts";
import type { Acp, Command, Connect, Lsp, Rehearse, Serve, Terminal, Tui } from "./command.ts";
import { commands, later } from "./commands.ts";
import { helpOf, overview } from "./help.ts";
import { openTerminal } from "./terminal.ts";
import { tui, valueFlags } from "./tui.ts";

export interface Surroundings {
  version: string;
  connect(how: Connect): Promise<Link>;
  /** Resolves with the exit code when the server has ended. */
  serve(how: Serve): Promise<number>;
  /** Serves a scripted model; resolves with the exit code when it has ended. */
  rehearse(how: Rehearse): Promise<number>;
  tui(how: Tui): Promise<number>;
  acp(how: Acp): Promise<number>;
  lsp(how: Lsp): Promise<number>;
}

export async function runCommandLine(argv: readonly string[], around: Surroundings): Promise<number> {
  const color = !argv.includes("--no-color") && !process.env.NO_COLOR;
  const terminal = openTerminal({ color, quiet: argv.includes("--quiet"), verbose: argv.includes("--verbose") });
  try {
    const { command, words, folder: named } = await find(argv);
    const flags = parse(command, words);
    if (command === tui && (flags.on("help") || (argv.length === 0 && !terminal.inIsTerminal))) {
      terminal.out(overview(around.version));
      return flags.on("help") ? 0 : 2;
    }
    if (flags.on("help")) terminal.out(helpOf(command));
    else if (flags.on("version")) terminal.out(`tutti ${around.version}\n`);
    else {
      const cwd = folder(named ?? flags.text("directory"));
      const config = flags.text("config");
      const file = config === undefined ? {} : { config };
      const connect = telling(terminal, (how) => around.connect({ ...how, ...file }));
      const code = await command.run({
        ...flags,
        cwd,
        terminal,
        connect,
        serve: (how) => around.serve({ ...how, ...file }),
        rehearse: around.rehearse,
        tui: around.tui,
        acp: around.acp,
        lsp: around.lsp,
      });
      await terminal.flushed();
      return outcomeOf(terminal, code);
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
  /** The folder that was named instead of a command. */
  folder?: string;
}

/** The first word that is no flag names the command, or a folder for the terminal UI; what stands before it are flags. */
async function find(argv: readonly string[]): Promise<Found> {
  const withValue = new Set(["--config", "--directory", "-C", "--theme", ...valueFlags]);
  let at = 0;
  while (argv[at]?.startsWith("-")) at += withValue.has(argv[at] ?? "") ? 2 : 1;
  const name = argv[at];
  if (name === undefined) return { command: tui, words: [...argv] };
  const words = [...argv.slice(0, at), ...argv.slice(at + 1)];
  const row = commands.find((candidate) => candidate.name === name);
  if (row) return { command: await row.load(), words };
  if (later.has(name)) throw wrong(`\`tutti ${name}\` is not part of this version of Tutti yet.`);
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory()) return { command: tui, words, folder: name };
  const near = nearest(
    name,
    commands.map((candidate) => candidate.name),
  );
  throw wrong(
    `There is no command and no folder ${JSON.stringify(name)}. ${near === null ? "`tutti --help` lists the commands." : `Did you mean \`tutti ${near}\`?`}`,
  );
}

const EPIPE_EXIT = 141;

/** A result that did not arrive is none. Who closed a pipe knows it, as after any program that a closed pipe ends. */
function outcomeOf(terminal: Terminal, code: number): number {
  const broken = terminal.broken();
  if (broken === null) return code;
  if (broken.code === "EPIPE") return EPIPE_EXIT;
  terminal.error(`tutti: Standard output cannot be written: ${broken.message}.\n`);
  return code === 0 ? exitCode("failed") : code;
}

/** What is wrong with the configuration is said once, before anything else. */
function telling(terminal: Terminal, connect: Surroundings["connect"]): Surroundings["connect"] {
  return async (how) => {
    const link = await connect(how);
    for (const { level, text } of link.problems) {
      if (level === "error") terminal.error(`tutti: ${text}\n`);
      else terminal.note(`warning: ${text}\n`);
    }
    return link;
  };
}

function folder(named: string | undefined): string {
  const path = named !== undefined && isAbsolute(named) ? resolve(named) : resolve(here(), named ?? ".");
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw wrong(`${path} is not a folder.`);
  return realpathSync(path);
}

function here(): string {
  try {
    return process.cwd();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    throw wrong("The folder that you are in does not exist any more; go to another, or name one with --directory.");
  }
}
