/** What a command of the `tutti` program is: a row of a table from which help, parsing and completion are made. */
import type { Link } from "../client/link.ts";
import type { Settings } from "../protocol/methods.ts";

export interface Flag {
  name: string;
  short?: string;
  /** What stands in help for the value; a flag without one is a switch. */
  value?: string;
  /** May be given more than once. */
  many?: boolean;
  /** The values there are, for checks and completion. */
  of?: readonly string[];
  purpose: string;
}

export interface Command {
  name: string;
  /** What follows the name, in help. */
  operands: string;
  purpose: string;
  /** The words that may come first, for completion and checks. */
  verbs?: readonly string[];
  flags: readonly Flag[];
  examples: readonly [string, string];
  run(input: Input): Promise<number>;
}

/** What the list of commands says of one before it is loaded. */
export interface CommandRow {
  name: string;
  purpose: string;
  load(): Promise<Command>;
}

export interface Parsed {
  words: string[];
  /** Switches are true; values are text, lists where the flag may come more than once. */
  text(name: string): string | undefined;
  list(name: string): string[];
  on(name: string): boolean;
}

export interface Input extends Parsed {
  cwd: string;
  terminal: Terminal;
  connect(how: Connect): Promise<Link>;
  serve(how: Serve): Promise<number>;
  rehearse(how: Rehearse): Promise<number>;
  tui(how: Tui): Promise<number>;
  acp(how: Acp): Promise<number>;
  lsp(how: Lsp): Promise<number>;
}

/** How to be an agent for an editor on standard input and output; resolves with the exit code when the editor has gone. */
export interface Acp {
  settings: Pick<Settings, "model" | "effort" | "mode">;
  /** The draft of version 2 of the protocol is offered beside version 1. */
  draftV2: boolean;
  /** `client` is what other participants of a session read of the editor. */
  connect(client: string): Promise<Link>;
  /** For the log of the editor. */
  note(text: string): void;
}

/** How to be an editor's language server on standard input and output. */
export interface Lsp {
  cwd: string;
  /** `client`: what other participants of a session read of the editor. */
  connect(client: string): Promise<Link>;
}

/** How to show the terminal UI; resolves with the exit code when the person has left. */
export interface Tui {
  cwd: string;
  /** On a screen of its own, on the terminal's own with its scrollback, or line by line. */
  shape: "screen" | "inline" | "line";
  noColor: boolean;
  /** Empty where nothing was said. */
  theme: string;
  session: { id: string } | "last" | null;
  fork: boolean;
  prompt: string;
  settings: Pick<Settings, "model" | "effort" | "mode">;
  connect(): Promise<Link>;
}

/** How to run the shared server in this process. */
export interface Serve {
  idleMs: number;
  stdio: boolean;
  /** Absolute: a second place to listen at. */
  alsoAt?: string;
  config?: string;
  web?: {
    listen: string;
    behindTlsProxy: boolean;
    hosts: string[];
    origins: string[];
    tokenFile?: string;
    tlsCert?: string;
    tlsKey?: string;
  };
  say(line: string): void;
}

/** How to serve a scripted model in this process. */
export interface Rehearse {
  /** Absolute. */
  file: string;
  /** 0 is any free one. */
  port: number;
  ready(baseUrl: string, model: string): void;
  /** Told of each request. */
  tell(line: string): void;
}

/** How to reach a server, and with what this one command differs from the configuration. */
export interface Connect {
  cwd: string;
  /** A socket or URL, `local` (started where it does not run) or `running` (the same, never started); without it the core runs in this process. */
  attach?: string;
  /** Where the token for a URL is kept. */
  tokenFile?: string;
  config?: string;
  project: boolean;
  /** A real path: everything that files of the project ask for counts there, this time. */
  trusted?: string;
  provider?: { baseUrl: string; keyName?: string };
  record?: string;
  replay?: string;
  /** A person is there who can be asked. */
  answers: boolean;
  /** What other participants of a session read of this one; `tutti` where absent. */
  client?: string;
}

/** The two streams a command writes to and the one it reads; everything from outside is made harmless before it gets here. */
export interface Terminal {
  out(text: string): void;
  /** For people: progress, warnings, errors. Silent with --quiet, but for errors. */
  note(text: string): void;
  error(text: string): void;
  /** Resolves when what was written has left this process. */
  flushed(): Promise<void>;
  /** Tells once that standard output can no longer be written; returns how to stop listening. */
  onBroken(listener: () => void): () => void;
  /** What is wrong with standard output, where something is. */
  broken(): { code: string; message: string } | null;
  outIsTerminal: boolean;
  noteIsTerminal: boolean;
  inIsTerminal: boolean;
  color: boolean;
  /** Nobody said that there should be none. */
  wantsColor: boolean;
  quiet: boolean;
  verbose: boolean;
}
