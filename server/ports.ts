/**
 * What the core asks of the world, as types only. `server/node/` and `server/model/` provide them, `server/main.ts` joins them,
 * and nothing else in agent/, session/, permission/ or tools/ reaches the world.
 */
import type { CallKind, Choice, FileChange, Location, PlanItem, Usage } from "../protocol/events.ts";

// ── time, ids, hashes ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  /** Milliseconds since 1970, for people. */
  now(): number;
  /** Milliseconds that never go back, for timers. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal fires (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** SHA-256 in lower-case hex. Text is hashed as UTF-8. */
export type Hash = (content: string | Uint8Array) => string;

// ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type UserContent = { type: "text"; text: string } | { type: "image"; mediaType: string; data: Uint8Array };

/** Opaque JSON that goes back unmodified to the provider that made it, on the same part. */
export type Replay = Record<string, unknown>;

export type AssistantContent =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string; replay?: Replay }
  | { type: "call"; id: string; name: string; input: unknown; replay?: Replay };

export interface ToolOutcome {
  id: string;
  name: string;
  output: string;
  failed: boolean;
  images: { mediaType: string; data: Uint8Array }[];
}

/** The history, neutral: each adapter call translates the whole of it into the target's dialect. `model` says who spoke. */
export type Message =
  | { role: "user"; content: UserContent[] }
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
  /** JSON Schema that the answer must fit; the caller validates, whatever the endpoint promises. */
  answerSchema?: Record<string, unknown>;
  /** Nothing is sent before it resolves: what the model is told must be on the disk. Where it rejects, the answer fails. */
  after?: Promise<void>;
  /** Stable for a session: endpoints that route by it keep their prompt cache warm. */
  cacheKey?: string;
}

export interface ModelFailure {
  /**
   * auth: key refused or missing · rate: too many requests · quota: no money · overflow: does not fit the context ·
   * network: no connection · tls: certificate · timeout: silence · server: 5xx · protocol: an answer that is not one ·
   * cut: the stream broke off after something was said · unsupported: this model cannot do what was asked · request: any other 4xx ·
   * diverged: a replay left its recording
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
    | "diverged";
  /** One sentence: the host, what it said (no HTML, no key, at most 300 characters) and what to do. */
  message: string;
  /** Milliseconds since 1970, where the provider said when to come back. */
  retryAt?: number;
}

export type ModelEvent =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  /** Ends the reasoning that is open; `replay` belongs to it. */
  | { type: "reasoning.end"; replay?: Replay }
  /** A whole call. Where its arguments could not be read as an object, `problem` says why and the input is null. */
  | { type: "call"; id: string; name: string; input: unknown; raw: string; problem?: string; replay?: Replay }
  /** Nothing was said yet, and the request is made again at `until` (milliseconds since 1970). */
  | { type: "retry"; attempt: number; until: number; why: string }
  /** Something that the user should know once, such as a capability that this endpoint refused. */
  | { type: "notice"; text: string }
  | { type: "usage"; usage: Usage }
  /** Always the last event, exactly once. `length`: the output limit cut it. `calls` also when the endpoint said "stop". */
  | { type: "stop"; reason: "done" | "calls" | "length" | "filtered" | "cancelled" }
  | { type: "stop"; reason: "failed"; failure: ModelFailure };

/** One model at one endpoint. */
export interface Model {
  /** `provider/model`, as in the configuration. */
  id: string;
  /** Tokens that a request may hold in all, as far as known. */
  context: number | null;
  vision: boolean;
  tools: boolean;
  /** USD per million input tokens; null when unpriced. Chooses the size of the prompt. */
  inputPrice: number | null;
  /** True where calls for edits should be offered as one `patch` tool. */
  prefersPatch: boolean;
  /** Never throws, never rejects: ends with exactly one `stop`. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

// ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface FileFacts {
  /** The path with every link resolved; where the file does not exist, its nearest existing parent is resolved. */
  real: string;
  /** True where `real` differs from the path that was asked for because of a link. */
  linked: boolean;
  kind: "file" | "directory" | "device" | "missing";
  size: number;
  /** Milliseconds since 1970. */
  modified: number;
  mode: number;
  /** Hard links: more than one means that the bytes have another name, maybe outside. */
  links: number;
  /** True where the file belongs to this process's user. */
  own: boolean;
}

/**
 * Every method rejects with an Error whose message names the path and the reason in words. `facts` follows links; `read`, `write` and
 * `remove` follow none, so that nobody can put one in the way between the judging and the doing: give them `facts(path).real`.
 */
export interface Files {
  facts(path: string): Promise<FileFacts>;
  /** Reads at most `max` bytes from `offset`. Refuses devices, pipes and sockets. */
  read(path: string, max: number, offset?: number): Promise<Uint8Array>;
  /** Replaces the file whole or not at all, keeping its mode; makes missing folders; on disk when it resolves; follows no link. */
  write(path: string, content: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted by code unit, folders marked. */
  list(path: string): Promise<{ name: string; directory: boolean }[]>;
}

/** Runs `work` when no other work for that path is under way: two edits of one file never interleave. */
export type PathLock = <T>(path: string, work: () => Promise<T>) => Promise<T>;

// ── processes ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProcessSpec {
  argv: string[];
  cwd: string;
  /** Added to the clean environment. */
  env?: Record<string, string>;
  timeoutMs?: number;
  stdin?: string;
  signal?: AbortSignal;
  /** Everything that it writes, as it comes, valid UTF-8. */
  onOutput?(text: string): void;
  /** Where the whole output goes (up to 64 MiB of it) once it is more than head and tail can hold. */
  blobs?: Blobs;
}

export interface ProcessEnd {
  /** Exit code, or null where a signal ended it. */
  code: number | null;
  reason: "exited" | "timeout" | "cancelled" | "failed";
  /** First and last part of what it wrote, both streams interleaved, valid UTF-8, control sequences kept. */
  head: string;
  tail: string;
  /** Bytes written in all, and how many lie between head and tail. */
  bytes: number;
  omitted: number;
  /** Content hash of the whole output where something was omitted. */
  blob?: string;
}

/** Every process gets a group of its own, no terminal, no keys in its environment, and dies with this program, however that ends. */
export interface Processes {
  run(spec: ProcessSpec): Promise<ProcessEnd>;
  /** Starts a command that goes on after the call; ids are `b1`, `b2`… */
  background(spec: ProcessSpec): Promise<{ id: string }>;
  listBackground(): { id: string; command: string; running: boolean; code: number | null; tail: string }[];
  killBackground(id: string): Promise<boolean>;
  /** Absolute path of the ripgrep that ships with Tutti. */
  ripgrep: string;
}

export interface CompanionSpec {
  argv: readonly string[];
  cwd: string;
  /** Added to PATH, HOME and LANG, which is all that it gets otherwise. */
  env: Readonly<Record<string, string>>;
  onData(bytes: Uint8Array): void;
}

/** A process that is spoken to for as long as it lives. */
export interface Companion {
  /** Resolves with its exit code when it is gone, however that came. */
  gone: Promise<number | null>;
  /** The last that it wrote to standard error. */
  complaints(): string;
  /** False where it has not read for so long that this was not sent. */
  write(text: string): boolean;
  /** Nothing more will be written to it. */
  finish(): void;
  /** While held, what it writes waits in the pipe. */
  hold(held: boolean): void;
  /** Ends it and all that it started. */
  end(): Promise<void>;
}

export interface Companions {
  /** Rejects where the program cannot be started. */
  start(spec: CompanionSpec): Promise<Companion>;
  close(): Promise<void>;
}

// ── the web ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Fetches a public page. Private, loopback, link-local and metadata addresses are refused, also after redirects and at dial time. */
export type FetchPage = (
  url: string,
  signal: AbortSignal,
) => Promise<{ url: string; status: number; mediaType: string; body: Uint8Array; truncated: boolean }>;

// ── what a session keeps ─────────────────────────────────────────────────────────────────────────────────────────────

/** Bytes beside the log, by content hash. */
export interface Blobs {
  put(content: Uint8Array): Promise<string>;
  get(hash: string): Promise<Uint8Array | null>;
  /** For content that comes in pieces and may be large. */
  open(): Promise<BlobWriter>;
  /** Where the content of this hash lies, for people and tools that read files. */
  path(hash: string): string;
}

export interface BlobWriter {
  write(piece: Uint8Array): Promise<void>;
  /** Keeps what was written and gives its hash. */
  keep(): Promise<string>;
  /** Forgets what was written. */
  drop(): Promise<void>;
}

/** What this session has seen of files: writing over something unread, or changed since, is refused. */
export interface Ledger {
  /** SHA-256 of the content that the model last saw at this real path, or null. */
  seen(path: string): string | null;
  saw(path: string, hash: string): void;
}

/** The bytes of one session's log. One writer at a time, held by a lock of the operating system. */
export interface LogFile {
  /** `write(2)` of whole lines; throws, and leaves the file as it was, where the disk refuses. */
  append(text: string): void;
  /** `fdatasync(2)` of everything appended before the call. Rejects for good after the first failure: what is on disk is not known then. */
  sync(): Promise<void>;
  close(): void;
}

export interface SessionStore {
  /** Makes the session's files and takes its lock. Everything is on disk when it resolves. */
  create(id: string): Promise<LogFile>;
  /** Takes the lock, drops a last line that a crash cut, and hands over the past. Rejects with `busy` where another process writes. */
  open(id: string): Promise<{ text: string; file: LogFile }>;
  /** The past alone, without a lock. */
  read(id: string): Promise<string>;
  /** Ids of all sessions with the time of their last change, newest first. */
  list(): Promise<{ id: string; modified: number; size: number }[]>;
  remove(id: string): Promise<void>;
  /** Removes what was kept beside a log that was never on disk. */
  forget(id: string): Promise<void>;
  blobs(id: string): Blobs;
}

// ── tools ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a call wants of the world; the permission policy decides on each. Paths are real, absolute. */
export type Want =
  | { kind: "read" | "edit"; path: string; shown: string }
  | { kind: "execute"; command: string; cwd: string }
  | { kind: "fetch"; url: string }
  | { kind: "none" };

export interface Plan {
  title: string;
  locations: Location[];
  wants: Want[];
  /** What a person is shown when asked: the exact command, or the diff. */
  preview?: string;
}

export interface ToolResult {
  ok: boolean;
  /** What the model is told. */
  output: string;
  title?: string;
  blob?: string;
  images?: { mediaType: string; data: Uint8Array }[];
  diff?: string;
}

export interface ToolWorld {
  /** Id of the session that it works for. */
  session: string;
  /** The workspace root, real. Relative paths start here. */
  cwd: string;
  files: Files;
  /** Real paths below a folder of which an editor holds the text, so that what lies on the disk is not what counts. */
  unsaved(folder: string): string[];
  /** Those of them, up to a few, that differ from what commands find on the disk. */
  differing(folder: string): Promise<string[]>;
  lock: PathLock;
  processes: Processes;
  fetchPage: FetchPage;
  blobs: Blobs;
  ledger: Ledger;
  hash: Hash;
  clock: Clock;
}

/** What one call may do beside the world: speak, ask, plan. */
export interface CallWorld extends ToolWorld {
  call: string;
  signal: AbortSignal;
  /** Shown while the call runs; need not be repeated in the result. */
  output(text: string): void;
  /** Asks a person. Null where nobody can answer. */
  ask(title: string, detail: string, choices: Choice[], freeText: boolean): Promise<string | null>;
  plan(items: PlanItem[]): Promise<void>;
  /** Says that a file was changed; resolves when that is on disk. */
  changed(change: FileChange): Promise<void>;
}

/**
 * One tool, one file. `Input` is what `parse` returns; JSON from the model is checked there and nowhere else.
 * `plan` must not change anything: what it finds is shown to a person and judged before `run`.
 */
export interface Tool<Input = unknown> {
  name: string;
  kind: CallKind;
  /** One or two sentences for the model. */
  description: string;
  /** How to use it well, for models with room to read it; the first paragraph alone is told to those with less. */
  long: string;
  schema: Record<string, unknown>;
  /** True where several calls of one answer may run at the same time. */
  parallel: boolean;
  /** The input, or a sentence for the model that says what is wrong with it and where. */
  parse(input: unknown): { ok: true; input: Input } | { ok: false; problem: string };
  plan(input: Input, world: ToolWorld): Promise<Plan>;
  /** Where a call of this one is really a call of another: which, and with what. */
  standsFor?(input: unknown): { tool: Tool; input: unknown } | null;
  /** `plan` is what was judged: where a path leads elsewhere by now, the tool refuses. */
  run(input: Input, world: CallWorld, plan: Plan): Promise<ToolResult>;
}
