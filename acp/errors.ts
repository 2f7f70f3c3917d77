/** Converts errors for ACP: its own codes where it defines one, otherwise those of protocol/errors.ts. */
import { RequestError } from "@agentclientprotocol/sdk";
import { describeError, type ErrorName, errors, TuttiError } from "../protocol/errors.ts";

const INVALID_PARAMS = -32602;
const INTERNAL = -32603;
const NOT_FOUND = -32002;

/** Replaces codes with a different meaning in ACP: -32000 requires authentication, -32002 is an unknown session. */
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
  return rpcError("failed", describeError(error));
}

/** Runs `work` and converts its errors for ACP. */
export async function withRpcErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRpcError(error);
  }
}

export const invalidParams = (message: string): RequestError => rpcError("usage", message);
