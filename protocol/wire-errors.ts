/** Errors on the wire: the JSON-RPC code for any program, the name in `data.code` for Tutti's own clients. */
import { ErrorCodes, ResponseError } from "vscode-jsonrpc";
import { describeError, type ErrorName, errors, TuttiError } from "./errors.ts";

/** Anything but a `TuttiError` is a fault of the server: the client gets a general message, without internals. */
export function toResponse(error: unknown): ResponseError<unknown> {
  if (error instanceof ResponseError) return error;
  if (!(error instanceof TuttiError)) {
    const message = "Internal server error; see the server's log. Other requests are not affected.";
    return new ResponseError(ErrorCodes.InternalError, message, { code: "failed" });
  }
  const { code, message, data } = error;
  return new ResponseError(errors[code].rpc, message, { code, ...(data !== undefined && { data }) });
}

export function fromResponse(error: unknown): TuttiError {
  if (error instanceof TuttiError) return error;
  if (!(error instanceof ResponseError))
    return new TuttiError("failed", `The connection to the server failed: ${describeError(error)}.`);
  const { code, data } = (error.data ?? {}) as { code?: unknown; data?: Record<string, unknown> };
  const named = typeof code === "string" && code in errors ? (code as ErrorName) : nameOf(error.code);
  return new TuttiError(named, error.message, data);
}

const nameOf = (rpc: number): ErrorName =>
  (Object.keys(errors) as ErrorName[]).find((name) => errors[name].rpc === rpc) ?? "failed";
