/**
 * Completion at the cursor: `textDocument/inlineCompletion`, or one item of `textDocument/completion` for editors without it. Requests
 * are debounced, and typing along a recent completion needs no request.
 */
import {
  type CancellationToken,
  type CompletionItem,
  CompletionItemKind,
  type CompletionParams,
  CompletionTriggerKind,
  type Connection,
  type InlineCompletionItem,
  type InlineCompletionParams,
  InlineCompletionTriggerKind,
  InsertTextFormat,
  type Position,
  type ServerCapabilities,
} from "vscode-languageserver/node";
import { type CachedCompletion, findRemainder, repeatsAccepted } from "../client/completion-cache.ts";
import type { Link } from "../protocol/link.ts";

/** An open document. Positions use the editor's encoding. */
export interface InlineDocument {
  /** Absolute; null if it is not a file. */
  readonly path: string | null;
  readonly language: string;
  text(): string;
  /** In UTF-16 units. */
  offsetAt(position: Position): number;
}

export interface InlineCompletionDeps {
  connection: Connection;
  documents: { get(uri: string): InlineDocument | undefined };
  /** `explicit`: the user asked for this completion. Resolves with null if the server was stopped on request. */
  link(explicit: boolean): Promise<Pick<Link, "call"> | null>;
  /** The folder whose configuration applies to a file. */
  folderOf(path: string): string;
  /** The editor supports inline completion, so completion lists contain none. Throws before `initialize`. */
  hasInline(): boolean;
  /** Shows why there was no completion, such as an unsuitable model. Each reason is shown only once. */
  notify(reason: string): void;
}

const DELAY_MS = 75;
const MAX_BEFORE = 4_000;
const MAX_AFTER = 1_000;
const MAX_CACHED = 16;

interface CompletionRequest {
  uri: string;
  position: Position;
  automatic: boolean;
  /** The user asked for it by a command. Editors request lists as if invoked while the user types. */
  explicit: boolean;
}

/** Registers both handlers. `inlineCapabilities` has the matching capabilities. */
export function registerInlineCompletion(deps: InlineCompletionDeps): void {
  const { connection } = deps;
  const complete = createCompleter(deps);
  connection.languages.inlineCompletion.on(async (params: InlineCompletionParams, token) => {
    const automatic = params.context.triggerKind === InlineCompletionTriggerKind.Automatic;
    const { textDocument, position } = params;
    const text = await complete({ uri: textDocument.uri, position, automatic, explicit: !automatic }, token);
    return text === null ? [] : [toInlineItem(text, params.position)];
  });
  connection.onCompletion(async (params: CompletionParams, token) => {
    if (deps.hasInline()) return [];
    const { uri } = params.textDocument;
    const automatic = params.context?.triggerKind !== CompletionTriggerKind.Invoked;
    const text = await complete({ uri, position: params.position, automatic, explicit: false }, token);
    const document = deps.documents.get(uri);
    return text === null || !document
      ? []
      : [toListItem(text, params.position, findWordBefore(document, params.position))];
  });
}

/** An editor with inline completion need not request completion lists. */
export const inlineCapabilities = (hasInline: boolean): ServerCapabilities =>
  hasInline ? { inlineCompletionProvider: {} } : { completionProvider: {} };

function createCompleter(parts: InlineCompletionDeps) {
  const cache = new Map<string, CachedCompletion[]>();
  const running = new Map<string, AbortController>();
  const reportedReasons = new Set<string>();
  const delayByFolder = new Map<string, Promise<number>>();

  const delayIn = (link: Pick<Link, "call">, cwd: string): Promise<number> => {
    const delay = delayByFolder.get(cwd) ?? readDelay(link, cwd);
    delayByFolder.set(cwd, delay);
    // The next request tries again.
    delay.catch(() => delayByFolder.delete(cwd));
    return delay;
  };
  /** Aborts an older request for the same document. */
  const supersede = (uri: string): AbortController => {
    running.get(uri)?.abort();
    const controller = new AbortController();
    running.set(uri, controller);
    return controller;
  };

  return async (request: CompletionRequest, token: CancellationToken): Promise<string | null> => {
    const { uri, position, automatic, explicit } = request;
    const document = parts.documents.get(uri);
    if (!document || document.path === null) return null;
    const { before, after } = textAround(document, position);
    const mine = supersede(uri);
    const cached = cache.get(uri) ?? [];
    const remainder = findRemainder(cached, before, after);
    if (remainder !== null) return remainder;
    const cancelled = token.onCancellationRequested(() => mine.abort());
    if (token.isCancellationRequested) mine.abort();
    try {
      const cwd = parts.folderOf(document.path);
      const link = await parts.link(explicit);
      if (link === null) return null;
      if (automatic && !(await waitFor(await delayIn(link, cwd), mine.signal))) return null;
      if (mine.signal.aborted) return null;
      const { path, language } = document;
      const completion = await link.call(
        "completionInline",
        { cwd, path, language, before, after, automatic },
        mine.signal,
      );
      if (mine.signal.aborted) return null;
      if (completion.text === null) {
        if (completion.reason !== undefined && !automatic && !reportedReasons.has(completion.reason))
          parts.notify(completion.reason);
        if (completion.reason !== undefined) reportedReasons.add(completion.reason);
        return null;
      }
      if (repeatsAccepted(cached, before, after, completion.text)) return null;
      cache.set(uri, [...cached, { before, after, text: completion.text }].slice(-MAX_CACHED));
      return completion.text;
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    } finally {
      cancelled.dispose();
      if (running.get(uri) === mine) running.delete(uri);
    }
  };
}

async function readDelay(link: Pick<Link, "call">, cwd: string): Promise<number> {
  const { values } = await link.call("configRead", { cwd, key: "completion.delay" });
  const [value] = values.map((one) => one.value).filter((one) => typeof one === "number");
  return value ?? DELAY_MS;
}

/** Resolves with false if aborted before. */
function waitFor(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function textAround(document: InlineDocument, position: Position): { before: string; after: string } {
  const text = document.text();
  const at = document.offsetAt(position);
  return { before: text.slice(Math.max(0, at - MAX_BEFORE), at), after: text.slice(at, at + MAX_AFTER) };
}

const toInlineItem = (text: string, position: Position): InlineCompletionItem => ({
  insertText: text,
  range: { start: position, end: position },
});

interface Word {
  text: string;
  start: Position;
}

/** The word before the cursor, by which editors filter completion lists. */
function findWordBefore(document: InlineDocument, position: Position): Word {
  const before = document.text().slice(0, document.offsetAt(position));
  const [text = ""] = /[\p{L}\p{N}_$]*$/u.exec(before) ?? [];
  // Positions are the same in all encodings for ASCII words. For other words, the item starts at the cursor.
  const plain = /^[\x20-\x7e]*$/.test(text);
  return plain
    ? { text, start: { line: position.line, character: position.character - text.length } }
    : { text: "", start: position };
}

function toListItem(text: string, end: Position, { text: word, start }: Word): CompletionItem {
  const whole = word + text;
  return {
    label:
      whole
        .split("\n")
        .find((line) => line.trim() !== "")
        ?.trim() ?? whole,
    kind: CompletionItemKind.Snippet,
    detail: "Tutti",
    documentation: whole,
    filterText: whole,
    // Sorts first. Not a control character, which Emacs rejects in JSON.
    sortText: " ",
    preselect: true,
    insertTextFormat: InsertTextFormat.PlainText,
    textEdit: { range: { start, end }, newText: whole },
  };
}
