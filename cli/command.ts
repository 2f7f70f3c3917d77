/** A command of the `tutti` program: data from which help, parsing and shell completion are made. */

import type { Settings } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";

export interface Flag {
  name: string;
  short?: string;
  /** The placeholder of the value in help; a flag without one is a switch. */
  value?: string;
  /** May be passed more than once. */
  repeatable?: boolean;
  /** The allowed values, for validation and completion. */
  choices?: readonly string[];
  purpose: string;
}

export interface Command {
  name: string;
  /** What follows the name in the usage line. */
  operands: string;
  purpose: string;
  /** The subcommands, for validation and completion. */
  verbs?: readonly string[];
  flags: readonly Flag[];
  examples: readonly [string, string];
  run(input: CommandInput): Promise<number>;
}

/** A command in the list, before it is loaded. */
export interface CommandRow {
  name: string;
  purpose: string;
  load(): Promise<Command>;
}

export interface ParsedFlags {
  positionals: string[];
  /** For each positional, the flag before it; null after `--`. */
  follows?: (string | null)[];
  /** The value of a flag that is not repeatable. */
  text(name: string): string | undefined;
  list(name: string): string[];
  isSet(name: string): boolean;
}

/** What a command starts. All but `connect` resolve with the exit code when it ends. */
export interface Programs {
  connect(options: ConnectOptions): Promise<Link>;
  serve(options: StartServerOptions): Promise<number>;
  /** Serves a scripted model. */
  rehearse(options: StartRehearsalOptions): Promise<number>;
  tui(options: StartTuiOptions): Promise<number>;
  /** Runs a hub for shared sessions. */
  hub(options: StartHubOptions): Promise<number>;
  /** The folder of the user's data. */
  dataFolder(): Promise<string>;
  /** The names of all themes but those of plugins, sorted. */
  listThemes(): Promise<string[]>;
  acp(options: StartAcpOptions): Promise<number>;
  lsp(options: StartLspOptions): Promise<number>;
}

export interface CommandInput extends ParsedFlags, Programs {
  cwd: string;
  terminal: Terminal;
}

/** Options for the ACP agent on standard input and output. It resolves with the exit code when the editor disconnects. */
export interface StartAcpOptions {
  settings: Pick<Settings, "model" | "tier" | "effort" | "mode">;
  /** Offer the draft of protocol version 2 in addition to version 1. */
  draftV2: boolean;
  /** `client`: the name of the editor that other participants see. */
  connect(client: string, mayStart: boolean): Promise<Link>;
  /** Writes to the editor's log. */
  note(text: string): void;
}

/** Options for the language server on standard input and output. */
export interface StartLspOptions {
  cwd: string;
  /** `client`: the name of the editor that other participants see. `mayStart`: a server may be started if none is running. */
  connect(client: string, mayStart: boolean): Promise<Link>;
}

/** Options for the terminal UI. It resolves with the exit code when the user quits. */
export interface StartTuiOptions {
  cwd: string;
  /** The alternate screen, the normal screen with its scrollback, or line by line. */
  screenMode: "screen" | "inline" | "line";
  noColor: boolean;
  /** Empty for the configured theme. */
  theme: string;
  session: { id: string } | "last" | null;
  fork: boolean;
  prompt: string;
  settings: Pick<Settings, "model" | "tier" | "effort" | "mode">;
  /** `mayStart`: a server may be started if none is running. */
  connect(mayStart: boolean): Promise<Link>;
}

/** Options for running the shared server in this process. */
export interface StartServerOptions {
  idleMs: number;
  stdio: boolean;
  /** The absolute path of an additional socket. */
  extraSocket?: string;
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
  log(line: string): void;
}

/** Options for running a hub in this process. */
export interface NatsStoreOptions {
  /** URLs. */
  servers: string[];
  /** How many of them store each message. */
  replicas: number;
  /** An absolute path. */
  credentials?: string;
}

export interface StartHubOptions {
  listen: string;
  /** The absolute path of a folder, or servers of NATS. */
  store: string | NatsStoreOptions;
  behindTlsProxy: boolean;
  tlsCert?: string;
  tlsKey?: string;
  maxShareMiB?: number;
  maxGuests?: number;
  log(line: string): void;
}

/** Options for serving a scripted model in this process. */
export interface StartRehearsalOptions {
  /** Absolute. */
  file: string;
  /** 0 for any free port. */
  port: number;
  ready(baseUrl: string, model: string): void;
  /** Logs each request. */
  log(line: string): void;
}

/** How to connect to a server, and what this command overrides in the configuration. */
export interface ConnectOptions {
  cwd: string;
  /** A socket or URL, `local` (started if it is not running) or `running` (never started). If undefined, the server runs in this process. */
  attach?: string;
  /** The file with the token for a URL. */
  tokenFile?: string;
  config?: string;
  project: boolean;
  /** The real path of the folder whose configuration is trusted for this run. */
  trusted?: string;
  provider?: { baseUrl: string; keyName?: string };
  record?: string;
  replay?: string;
  /** An agent named `claude` with what a script's flags set, in Claude Code's terms. */
  printAgent?: {
    systemPrompt?: string;
    appendSystemPrompt?: string;
    tools: readonly string[] | null;
    allow: readonly string[];
    deny: readonly string[];
    plugins: boolean;
  };
  /** The user can be asked questions. */
  answers: boolean;
  /** The client name that other participants see; `tutti` by default. */
  client?: string;
}

/** The standard streams of a command. Callers sanitize text from other sources before they write it. */
export interface Terminal {
  out(text: string): void;
  /** Progress and warnings, on standard error. Silent with --quiet. */
  note(text: string): void;
  error(text: string): void;
  /** Resolves when all output has been written. */
  flush(): Promise<void>;
  /** Called once when standard output can no longer be written. Returns a function that removes the listener. */
  onOutputError(listener: () => void): () => void;
  /** The error of standard output, if any. */
  outputError(): { code: string; message: string } | null;
  stdoutIsTerminal: boolean;
  stderrIsTerminal: boolean;
  stdinIsTerminal: boolean;
  color: boolean;
  /** Color is not disabled by --no-color or NO_COLOR, whatever the streams are. */
  wantsColor: boolean;
  quiet: boolean;
  verbose: boolean;
}
