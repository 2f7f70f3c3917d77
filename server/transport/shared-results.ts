/** Results that are the response to many requests, such as the view of a session for all who join it: encoded once. */
import { Message } from "vscode-jsonrpc";

const encodings = new WeakMap<object, Uint8Array | null>();

/** The responses with this very object share its encoding; it must not change any more. */
export function shareResult<T extends object>(result: T): T {
  encodings.set(result, null);
  return result;
}

export function encodeMessage(message: Message): string | Uint8Array {
  if (!Message.isResponse(message)) return JSON.stringify(message);
  const { result, jsonrpc, id } = message;
  if (typeof result !== "object" || result === null || !encodings.has(result)) return JSON.stringify(message);
  const encoded = encodings.get(result) ?? Buffer.from(JSON.stringify(result));
  encodings.set(result, encoded);
  const head = JSON.stringify({ jsonrpc, id }).slice(0, -1);
  return Buffer.concat([Buffer.from(`${head},"result":`), encoded, Buffer.from("}")]);
}
