/** Parses bytes as one JSON-RPC message, or returns the error to answer with. Bounded in time and memory for any input. Pure. */
import type { Message } from "vscode-jsonrpc";

export const MAX_BODY = 32 * 1024 * 1024;
const MAX_DEPTH = 128;
const MAX_NODES = 1_000_000;

export interface RpcFault {
  code: number;
  message: string;
}

export type CheckedMessage =
  | { ok: true; message: Message }
  | { ok: false; id: string | number | null; fault: RpcFault };

export const parseError = (message: string): RpcFault => ({ code: -32700, message });
export const invalidRequest = (message: string): RpcFault => ({ code: -32600, message });

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function checkMessage(bytes: Uint8Array): CheckedMessage {
  const reject = (fault: RpcFault, id: string | number | null = null): CheckedMessage => ({ ok: false, id, fault });
  const size = measure(bytes);
  if (size.depth > MAX_DEPTH) return reject(invalidRequest(`The message is nested deeper than ${MAX_DEPTH} levels.`));
  if (size.nodes > MAX_NODES) return reject(invalidRequest(`The message has more than ${MAX_NODES} values.`));
  let value: unknown;
  try {
    const text = strict.decode(bytes);
    value = JSON.parse(text);
    if (/\\u[dD][89a-fA-F]/.test(text) && !wellFormed(value))
      return reject(parseError("The message contains a lone surrogate."));
  } catch {
    return reject(parseError("The message is not JSON in valid UTF-8."));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return reject(invalidRequest("A message must be one JSON object; batches are not supported."));
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  const known = typeof id === "string" || typeof id === "number" ? id : null;
  if (jsonrpc !== "2.0") return reject(invalidRequest('"jsonrpc" must be "2.0".'), known);
  if (id !== undefined && id !== null && known === null)
    return reject(invalidRequest('"id" must be a string or a number.'));
  const isAnswer = method === undefined && ("result" in value || "error" in value);
  if (typeof method !== "string" && !isAnswer) return reject(invalidRequest('"method" must be a string.'), known);
  if (params !== undefined && (typeof params !== "object" || params === null))
    return reject(invalidRequest('"params" must be an object.'), known);
  return { ok: true, message: value as unknown as Message };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Nesting depth and number of values, by the bytes alone: a message over the limits is never parsed. */
function measure(bytes: Uint8Array): { depth: number; nodes: number } {
  if (bytes.length <= MAX_DEPTH) return { depth: 0, nodes: 0 };
  let depth = 0;
  let deepest = 0;
  let nodes = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === COMMA) nodes++;
    else if (byte < 0x5b) continue;
    else if (OPEN.has(byte)) {
      nodes++;
      depth++;
      if (depth > deepest) deepest = depth;
      if (depth > MAX_DEPTH || nodes > MAX_NODES) break;
    } else if (CLOSE.has(byte)) depth--;
  }
  return { depth: deepest, nodes };
}

/** No string contains a lone surrogate. */
function wellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && wellFormed(inner));
}
