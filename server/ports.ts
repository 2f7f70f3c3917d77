/**
 * The ports of the core, as types only. `server/node/` and `server/model/` implement them and `server/main.ts` wires them. agent/,
 * session/, permission/ and tools/ reach the outside only through these ports.
 */
import type { CallKind, Choice, FileChange, Location, PlanItem, Usage } from "../protocol/events.ts";
import type { Subagents } from "./subagents.ts";

// ── time, ids, hashes ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  /** Wall-clock time in milliseconds since 1970. */
  now(): number;
  /** Monotonic time in milliseconds, for timers. */
  monotonic(): number;
  /** Resolves after `ms`, or when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** SHA-256 in lower-case hex. Text is hashed as UTF-8. */
export type Hash = (content: string | Uint8Array) => string;

// ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type UserContent = { type: "text"; text: string } | { type: "image"; mediaType: string; data: Uint8Array };

/** Opaque JSON of a provider that is sent back to it unmodified on the same part. */
export type ProviderMetadata = Record<string, unknown>;

export type AssistantContent =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string; providerMetadata?: ProviderMetadata }
  | { type: "call"; id: string; name: string; input: unknown; providerMetadata?: ProviderMetadata };

export interface ToolOutcome {
  id: string;
  name: string;
  output: string;
  failed: boolean;
  images: { mediaType: string; data: Uint8Array }[];
}

/**
 * The provider-neutral history. Each request translates all of it to the target's dialect. `model`: the model that wrote the message.
 * `appended`: a last message that is not a prompt. All messages before it are sent exactly as without it, which keeps prompt caches.
 */
export type Message =
  | { role: "user"; content: UserContent[]; appended?: true }
  | { role: "assistant"; model: string; content: AssistantContent[] }
  | { role: "tool"; results: ToolOutcome[] };

export interface ToolSpec {
  name: string;
  description: string;
  /** JSON Schema of an object, without `$schema`. */
  schema: Record<string, unknown>;
}

export interface ModelRequest {
  system: string;
  messages: Message[];
  tools: ToolSpec[];
  toolChoice?: "auto" | "none" | "required";
  effort?: "none" | "low" | "medium" | "high";
  maxOutput?: number;
  /** JSON Schema for the response. The caller still validates it. */
  answerSchema?: Record<string, unknown>;
  /** The request is sent after it resolves, because its content must be on disk first. If it rejects, the request fails. */
  after?: Promise<void>;
  /** Stable for a session, so that endpoints can route requests to a warm prompt cache. */
  cacheKey?: string;
}

export interface ModelFailure {
  /**
   * auth: key refused or missing · rate: too many requests · quota: no credit · overflow: does not fit the context ·
   * network: no connection · tls: certificate · timeout: no data · server: 5xx · protocol: not a valid response ·
   * cut: the stream broke off after some output · unsupported: this model does not support the request · request: any other 4xx ·
   * diverged: a replay differs from its recording · budget: not sent, because the budget is used up
   */
  kind:
    | "auth"
    | "rate"
    | "quota"
    | "overflow"
    | "network"
    | "tls"
    | "timeout"
    | "server"
    | "protocol"
    | "cut"
    | "unsupported"
    | "request"
    | "diverged"
    | "budget";
  /** One sentence: the host, its error text (no HTML, no key, at most 300 characters) and what to do. */
  message: string;
  /** Milliseconds since 1970, if the provider sent a retry time. */
  retryAt?: number;
  /** Tokens: the size of the context, if the provider named it when a request did not fit. */
  contextLimit?: number;
}

export type ModelEvent =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  /** Ends the reasoning that is open; `providerMetadata` belongs to it. */
  | { type: "reasoning.end"; providerMetadata?: ProviderMetadata }
  /** A complete call. If its arguments are not a valid object, `problem` describes why and the input is null. */
  | {
      type: "call";
      id: string;
      name: string;
      input: unknown;
      raw: string;
      problem?: string;
      providerMetadata?: ProviderMetadata;
    }
  /** The request failed without output and is retried at `until` (milliseconds since 1970). */
  | { type: "retry"; attempt: number; until: number; reason: string }
  /** Shown to the user once, for example if the endpoint rejects a feature. */
  | { type: "notice"; text: string }
  | { type: "usage"; usage: Usage }
  /** Always the last event, exactly once. `length`: the output limit was reached. `calls`: also if the endpoint sent "stop". */
  | { type: "stop"; reason: "done" | "calls" | "length" | "filtered" | "cancelled" }
  | { type: "stop"; reason: "failed"; failure: ModelFailure };

/** One model at one endpoint. */
export interface Model {
  /** `provider/model`, as in the configuration. */
  id: string;
  /** Context size in tokens; null if unknown. */
  context: number | null;
  vision: boolean;
  tools: boolean;
  /** USD per million input tokens; null if unknown. Determines the length of the system prompt. */
  inputPrice: number | null;
  /** The same for output; absent where it does not matter. */
  outputPrice?: number | null;
  /** True if edits should be offered as one `patch` tool. */
  prefersPatch: boolean;
  /** Never throws or rejects. Ends with exactly one `stop`. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

// ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface FileStat {
  /** The path with all links resolved. If the file does not exist, its nearest existing parent is resolved. */
  real: string;
  /** True if `real` differs from the requested path because of a link. */
  linked: boolean;
  kind: "file" | "directory" | "device" | "missing";
  size: number;
  /** Milliseconds since 1970. */
  modified: number;
  mode: number;
  /** Number of hard links: with more than one, the content has another name, possibly outside of the workspace. */
  links: number;
  /** True if the file belongs to the user of this process. */
  own: boolean;
  /** True if its permissions do not let this process change its content. Its folder may still let it be replaced. */
  readOnly: boolean;
}

export interface WriteOptions {
  /** Permissions of a new file. */
  mode?: number;
  /** Called before a file is overwritten in place, which a crash can interrupt. */
  beforeInPlace?(): Promise<void>;
}

/**
 * Each method rejects with an Error whose message names the path and the reason. `stat` follows links. `read`, `write` and `remove` do
 * not, so that a link created after the permission check has no effect: pass them `stat(path).real`.
 */
export interface Files {
  stat(path: string): Promise<FileStat>;
  /** Reads at most `max` bytes from `offset`. Rejects for devices, pipes and sockets. */
  read(path: string, max: number, offset?: number): Promise<Uint8Array>;
  /**
   * Replaces the file atomically and preserves its mode and owner; creates missing folders; on disk when it resolves; follows no link.
   * A file is overwritten in place if it could not be replaced, or would lose a hard link or its owner. Rejects for read-only files.
   */
  write(path: string, content: Uint8Array, options?: WriteOptions): Promise<void>;
  remove(path: string): Promise<void>;
  /** The entries of a folder, sorted by code unit. */
  list(path: string): Promise<{ name: string; directory: boolean }[]>;
}

/** Runs one task per path at a time, so that two edits of one file never interleave. */
export type PathLock = <T>(path: string, task: () => Promise<T>) => Promise<T>;

// ── processes ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProcessSpec {
  argv: string[];
  cwd: string;
  /** Added to the clean environment. */
  env?: Record<string, string>;
  timeoutMs?: number;
  stdin?: string;
  signal?: AbortSignal;
  /** Called with all output as it arrives, as valid UTF-8. */
  onOutput?(text: string): void;
  /** Stores the full output (up to 64 MiB) if head and tail cannot hold it. */
  blobs?: Blobs;
}

export interface ProcessEnd {
  /** Exit code, or null if a signal ended it. */
  code: number | null;
  reason: "exited" | "timeout" | "cancelled" | "failed";
  /** First and last part of the output: both streams interleaved, valid UTF-8, including control sequences. */
  head: string;
  tail: string;
  /** Bytes of the full output, and of the part between head and tail. */
  bytes: number;
  omitted: number;
  /** Content hash of the full output, if a part was omitted. */
  blob?: string;
  /** Command lines of the processes that the command left running, which were ended. */
  leftRunning?: string[];
}

/** Each process has its own group, no terminal and no keys in its environment, and ends with this program, even after a crash. */
export interface Processes {
  run(spec: ProcessSpec): Promise<ProcessEnd>;
  /** Starts a command that continues after the call; ids are `b1`, `b2`… */
  background(spec: ProcessSpec): Promise<{ id: string }>;
  listBackground(): { id: string; command: string; running: boolean; code: number | null; tail: string }[];
  killBackground(id: string): Promise<boolean>;
  /** The absolute path of the ripgrep that ships with Tutti. */
  ripgrep(): string;
}

export interface StdioProcessSpec {
  argv: readonly string[];
  cwd: string;
  /** Added to PATH, HOME and LANG. The process gets no other variables. */
  env: Readonly<Record<string, string>>;
  onData(bytes: Uint8Array): void;
}

/** A long-running process with messages over standard input and output. */
export interface StdioProcess {
  /** Resolves with the exit code when the process has ended, for any reason. */
  exited: Promise<number | null>;
  /** The end of its standard error output. */
  stderrTail(): string;
  /** False if the text was not sent because the process does not read its input. */
  write(text: string): boolean;
  closeStdin(): void;
  /** While paused, its output waits in the pipe. */
  setPaused(paused: boolean): void;
  /** Kills it and all its child processes. */
  kill(): Promise<void>;
}

export interface StdioProcesses {
  /** Rejects if the program cannot be started. */
  start(spec: StdioProcessSpec): Promise<StdioProcess>;
  close(): Promise<void>;
}

// ── the web ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Fetches a public page. Rejects private, loopback, link-local and metadata addresses, also after redirects and at connect time. */
export type FetchPage = (
  url: string,
  signal: AbortSignal,
) => Promise<{ url: string; status: number; mediaType: string; body: Uint8Array; truncated: boolean }>;

// ── session storage ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Binary content of a session, stored next to the log by content hash. */
export interface Blobs {
  put(content: Uint8Array): Promise<string>;
  /** Stores text without the keys in it, such as the output of a tool. */
  putText(text: string): Promise<string>;
  /** Null if the content is missing, or damaged on disk. */
  get(hash: string): Promise<Uint8Array | null>;
  /** For large content that is written in pieces. */
  open(): Promise<BlobWriter>;
  /** The file with this content, for the user and for tools that read files. */
  path(hash: string): string;
}

export interface BlobWriter {
  write(piece: Uint8Array): Promise<void>;
  /** Stores the written content and returns its hash. */
  commit(): Promise<string>;
  /** Deletes the written content. */
  discard(): Promise<void>;
}

/** The file contents that a session has seen. Tools reject writes to files that are unread or have changed since. */
export interface ReadTracker {
  /** SHA-256 of the content that the model last saw at this real path, or null. */
  getSeenHash(path: string): string | null;
  markSeen(path: string, hash: string): void;
  /** The paths of all these files, the one seen last at the end. */
  paths(): string[];
}

// ── tools ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a call needs access to; the permission policy decides on each. Paths are real and absolute. */
export type Access =
  | { kind: "read" | "edit"; path: string; shown: string }
  | { kind: "execute"; command: string; cwd: string }
  | { kind: "fetch"; url: string }
  | { kind: "none" };

export interface PreparedCall {
  title: string;
  locations: Location[];
  accesses: Access[];
  /** What an approval request shows: the exact command, or the diff. */
  preview?: string;
}

export interface ToolResult {
  ok: boolean;
  /** What is sent to the model. */
  output: string;
  title?: string;
  blob?: string;
  images?: { mediaType: string; data: Uint8Array }[];
  diff?: string;
}

export interface ToolContext {
  /** Id of the session. */
  session: string;
  /** The real path of the workspace root. Relative paths start here. */
  cwd: string;
  files: Files;
  /** Real paths below a folder whose text an editor holds; it may differ from what is on disk. */
  openDocumentsBelow(folder: string): string[];
  /** Those of them, up to a few, whose text differs from the disk, which is what commands see. */
  documentsDifferingFromDisk(folder: string): Promise<string[]>;
  lock: PathLock;
  processes: Processes;
  /** How a command line is started: the arguments of the shell, and variables in addition to the clean environment. */
  chooseShell(command: string): Promise<{ argv: string[]; env: Record<string, string> }>;
  fetchPage: FetchPage;
  blobs: Blobs;
  readTracker: ReadTracker;
  hash: Hash;
  clock: Clock;
}

/** What one call may do in addition: write output, ask the user, update the plan. */
export interface ToolCallContext extends ToolContext {
  call: string;
  signal: AbortSignal;
  /** Shown while the call runs; the result need not repeat it. */
  output(text: string): void;
  /** Asks the user: the id of a choice, or a text. Null where no one can answer. */
  ask(title: string, detail: string, choices: Choice[], freeText: boolean): Promise<string | null>;
  /** Null where this session may start no agent. */
  subagents: Subagents | null;
  updatePlan(items: PlanItem[]): Promise<void>;
  /** Records a changed file; resolves when the record is on disk. */
  fileChanged(change: FileChange): Promise<void>;
}

/**
 * One tool, one file. `Input` is what `parse` returns; arguments from the model are checked there and nowhere else. `prepare` must not
 * change anything: what it returns is checked by the permission policy, and shown for approval, before `run`.
 */
export interface Tool<Input = unknown> {
  name: string;
  kind: CallKind;
  /** One or two sentences for the model. */
  description: string;
  /** How to use it well, for models with a large context; models with a small one get the first paragraph. */
  long: string;
  schema: Record<string, unknown>;
  /** True where several calls of one response may run at the same time. */
  parallel: boolean;
  /** The input, or one sentence for the model: what is wrong, and where. */
  parse(input: unknown): { ok: true; input: Input } | { ok: false; problem: string };
  /** The arguments under the names of the schema, as `parse` understands them. Hooks see these; without it, the arguments. */
  normalize?(input: unknown): unknown;
  prepare(input: Input, context: ToolContext): Promise<PreparedCall>;
  /** For a tool that calls another one: that tool and its arguments. Hooks and rules see those. */
  resolveTarget?(input: unknown): { tool: Tool; input: unknown } | null;
  /** `prepared` is what was checked: where a path leads elsewhere by now, the tool refuses. */
  run(input: Input, context: ToolCallContext, prepared: PreparedCall): Promise<ToolResult>;
}
