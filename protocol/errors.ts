/** One table: what can go wrong, its JSON-RPC code, and the exit code of a process that ends with it. */
export const errors = {
  failed: { rpc: -32000, exit: 1, means: "the turn failed" },
  usage: { rpc: -32602, exit: 2, means: "the command, its flags or its parameters are wrong" },
  model: { rpc: -32010, exit: 3, means: "the model or its provider failed" },
  overflow: { rpc: -32011, exit: 3, means: "the conversation does not fit the model's context" },
  refused: { rpc: -32020, exit: 4, means: "a permission was refused and the task could not go on" },
  limit: { rpc: -32030, exit: 5, means: "a limit was reached (turns, time, repetition)" },
  budget: { rpc: -32031, exit: 6, means: "the budget was reached" },
  schema: { rpc: -32040, exit: 7, means: "the output did not fit the schema asked for" },
  auth: { rpc: -32041, exit: 41, means: "the provider refused the key, or there is none" },
  sandbox: { rpc: -32044, exit: 44, means: "a sandbox is required and there is none" },
  config: { rpc: -32052, exit: 52, means: "the configuration cannot be used" },
  interrupted: { rpc: -32053, exit: 130, means: "interrupted" },
  forbidden: { rpc: -32060, exit: 4, means: "the caller's role does not allow this method" },
  notFound: { rpc: -32061, exit: 2, means: "there is no such session, turn, question or prompt" },
  conflict: { rpc: -32062, exit: 1, means: "it was decided already, or is not current any more" },
  busy: { rpc: -32063, exit: 1, means: "another process writes this session, or a queue is full" },
  storage: { rpc: -32064, exit: 1, means: "the disk refused a write" },
  notInitialized: { rpc: -32002, exit: 1, means: "`initialize` must come first, once" },
} as const;

export type ErrorName = keyof typeof errors;

/** An error that has a name in the table. `message` is one sentence that names what is wrong and what to do. */
export class TuttiError extends Error {
  readonly code: ErrorName;
  /** Facts for a program that wants to act on the error; plain JSON. */
  readonly data: Record<string, unknown> | undefined;
  constructor(code: ErrorName, message: string, data?: Record<string, unknown>) {
    super(message);
    this.name = "TuttiError";
    this.code = code;
    this.data = data;
  }

  /** By name, not by class: each lazily loaded file of the built program has a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): value is TuttiError {
    return value instanceof Error && value.name === "TuttiError";
  }
}

export function exitCode(name: string): number {
  return name in errors ? errors[name as ErrorName].exit : 1;
}
