/** What goes wrong in Tutti, as ACP says it: its own codes where it has one, else those of protocol/errors.ts, and always the sentence. */
import { RequestError } from "@agentclientprotocol/sdk";
import { sentence } from "../client/words.ts";
import { type ErrorName, errors, TuttiError } from "../protocol/errors.ts";

const INVALID_PARAMS = -32602;
const INTERNAL = -32603;
const NOT_FOUND = -32002;

/** Codes of ours that mean something else in ACP: -32000 asks for a login there, -32002 is a session that is not there. */
const codes: Partial<Record<ErrorName, number>> = {
  failed: INTERNAL,
  usage: INVALID_PARAMS,
  notFound: NOT_FOUND,
  notInitialized: INTERNAL,
};

export function rpcError(code: string, message: string, data: Record<string, unknown> = {}): RequestError {
  const name = code in errors ? (code as ErrorName) : "failed";
  return new RequestError(codes[name] ?? errors[name].rpc, message, { code: name, ...data });
}

export function toRpcError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof TuttiError) return rpcError(error.code, error.message, error.data);
  return rpcError("failed", sentence(error));
}

/** Does it, and says what goes wrong as ACP does. */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRpcError(error);
  }
}

export const wrong = (message: string): RequestError => rpcError("usage", message);
