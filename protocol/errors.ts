/** One table: every error with its JSON-RPC code and the exit code of a process that ends with it. */
export const errors = {
  failed: { rpc: -32000, exit: 1, description: "The turn or request failed" },
  usage: { rpc: -32602, exit: 2, description: "A command, flag or parameter is invalid" },
  model: { rpc: -32010, exit: 3, description: "The model or its provider failed" },
  overflow: { rpc: -32011, exit: 3, description: "The conversation does not fit in the model's context" },
  refused: { rpc: -32020, exit: 4, description: "A permission was denied and the task could not continue" },
  limit: { rpc: -32030, exit: 5, description: "A limit was reached (steps, time, repeated calls)" },
  outputLimit: { rpc: -32032, exit: 5, description: "The response reached the model's output limit" },
  budget: { rpc: -32031, exit: 6, description: "The cost limit was reached" },
  schema: { rpc: -32040, exit: 7, description: "The output does not match the requested schema" },
  noModel: { rpc: -32042, exit: 2, description: "No model is configured and none was found" },
  auth: { rpc: -32041, exit: 41, description: "The API key is missing, or the provider rejected it" },
  sandbox: { rpc: -32044, exit: 44, description: "A sandbox is required but not available" },
  config: { rpc: -32052, exit: 52, description: "The configuration is invalid" },
  interrupted: { rpc: -32053, exit: 130, description: "Interrupted" },
  forbidden: { rpc: -32060, exit: 4, description: "The caller's role does not allow this method" },
  notFound: {
    rpc: -32061,
    exit: 2,
    description: "The requested item does not exist, such as a session, turn, question, prompt or plugin",
  },
  conflict: {
    rpc: -32062,
    exit: 1,
    description:
      "The request conflicts with the current state: already decided, changed since it was read, or not possible now",
  },
  busy: { rpc: -32063, exit: 1, description: "Another process has this session open, or a queue is full" },
  /** Has its own exit code, so that a client that starts a server can tell that one is already running. */
  alreadyRunning: { rpc: -32065, exit: 8, description: "A server is already running" },
  storage: { rpc: -32064, exit: 1, description: "Reading from or writing to disk failed" },
  notInitialized: { rpc: -32002, exit: 1, description: "Call `initialize` first" },
} as const;

export type ErrorName = keyof typeof errors;

/** An error from the table. `message` is one sentence: what failed, the value that caused it, what to do. */
export class TuttiError extends Error {
  readonly code: ErrorName;
  /** Details for programs that handle the error; plain JSON. */
  readonly data: Record<string, unknown> | undefined;
  constructor(code: ErrorName, message: string, data?: Record<string, unknown>) {
    super(message);
    this.name = "TuttiError";
    this.code = code;
    this.data = data;
  }

  /** By name, not by class: every lazily loaded file of the built program has its own copy of this class. */
  static override [Symbol.hasInstance](value: unknown): value is TuttiError {
    return value instanceof Error && value.name === "TuttiError";
  }
}

export function exitCode(name: string): number {
  return name in errors ? errors[name as ErrorName].exit : 1;
}

/** What errors of the operating system mean, by their code. */
const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "the address is already in use",
  EADDRNOTAVAIL: "the address is not available on this machine",
  EBUSY: "it is in use",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  EEXIST: "it already exists",
  EFBIG: "it would be too large",
  EHOSTUNREACH: "the host cannot be reached",
  EIO: "the device reported an error",
  EISDIR: "it is a folder, not a file",
  ELOOP: "its symbolic links form a loop",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ENFILE: "too many files are open",
  ENOENT: "no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "part of its path is a file, not a folder",
  ENOTEMPTY: "the folder is not empty",
  ENOTFOUND: "the host name is unknown",
  EPERM: "the operation is not permitted",
  EPIPE: "the other side has closed the connection",
  EROFS: "the disk is read-only",
  ETIMEDOUT: "the connection timed out",
  EXDEV: "it is on another disk",
};

/** An error of the operating system, as Node reports it: `ENOENT: no such file or directory, open '/a'`. */
export const isSystemError = (error: unknown): error is Error & { code: string; path?: unknown } =>
  error instanceof Error &&
  "code" in error &&
  typeof error.code === "string" &&
  Object.hasOwn(systemErrors, error.code);

/** The message of anything that was thrown, in plain words. */
export function describeError(error: unknown): string {
  if (!isSystemError(error)) return error instanceof Error ? error.message : String(error);
  const meaning = systemErrors[error.code] ?? error.message;
  return typeof error.path === "string" ? `${error.path}: ${meaning}` : meaning;
}

/** With a full stop, unless it ends as a sentence. */
export const endSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
