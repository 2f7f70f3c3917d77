/**
 * Completion at the cursor: as `textDocument/inlineCompletion`, and as one item of `textDocument/completion` for editors without it. A
 * model is asked when the keys have rested, once for many of them; what was offered already is typed on along without asking.
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
import type { Link } from "../client/link.ts";
import { type Offered, restOf } from "../client/offered.ts";

/** A text that the editor has open; positions are as the editor counts them. */
export interface InlineDocument {
  /** Absolute; null where it is no file. */
  readonly path: string | null;
  readonly language: string;
  text(): string;
  /** In UTF-16 units. */
  offsetAt(position: Position): number;
}

export interface InlineParts {
  connection: Connection;
  documents: { get(uri: string): InlineDocument | undefined };
  link(): Promise<Pick<Link, "call">>;
  /** The folder whose configuration counts for a file. */
  folderOf(path: string): string;
  /** The editor asks for inline completion itself; a list then holds nothing of it. Not before `initialize`. */
  hasInline(): boolean;
  /** Why there was nothing, said once each: a wrong model, a switch that is off. */
  say(why: string): void;
}

const DELAY_MS = 75;
const MOST_BEFORE = 4_000;
const MOST_AFTER = 1_000;
const MOST_OFFERS = 16;

interface Asked {
  uri: string;
  position: Position;
  automatic: boolean;
}

/** Registers both; what the server offers for them stands in `inlineCapabilities`. */
export function offerInline(parts: InlineParts): void {
  const { connection } = parts;
  const ask = createAsking(parts);
  connection.languages.inlineCompletion.on(async (params: InlineCompletionParams, token) => {
    const automatic = params.context.triggerKind === InlineCompletionTriggerKind.Automatic;
    const text = await ask({ uri: params.textDocument.uri, position: params.position, automatic }, token);
    return text === null ? [] : [inlineItem(text, params.position)];
  });
  connection.onCompletion(async (params: CompletionParams, token) => {
    if (parts.hasInline()) return [];
    const { uri } = params.textDocument;
    const automatic = params.context?.triggerKind !== CompletionTriggerKind.Invoked;
    const text = await ask({ uri, position: params.position, automatic }, token);
    const document = parts.documents.get(uri);
    return text === null || !document ? [] : [listItem(text, params.position, wordBefore(document, params.position))];
  });
}

/** An editor that completes inline gets nothing in its list, which it need not ask for. */
export const inlineCapabilities = (hasInline: boolean): ServerCapabilities =>
  hasInline ? { inlineCompletionProvider: {} } : { completionProvider: {} };

function createAsking(parts: InlineParts) {
  const offers = new Map<string, Offered[]>();
  const running = new Map<string, AbortController>();
  const told = new Set<string>();
  let delays: Promise<number> | null = null;

  const delayIn = (cwd: string): Promise<number> => {
    delays ??= readDelay(parts, cwd);
    return delays;
  };
  /** The same document's older question has no more use. */
  const instead = (uri: string): AbortController => {
    running.get(uri)?.abort();
    const mine = new AbortController();
    running.set(uri, mine);
    return mine;
  };

  return async ({ uri, position, automatic }: Asked, token: CancellationToken): Promise<string | null> => {
    const document = parts.documents.get(uri);
    if (!document || document.path === null) return null;
    const { before, after } = around(document, position);
    const mine = instead(uri);
    const known = offers.get(uri) ?? [];
    const rest = restOf(known, before, after);
    if (rest !== null) return rest;
    const cancelled = token.onCancellationRequested(() => mine.abort());
    if (token.isCancellationRequested) mine.abort();
    try {
      const cwd = parts.folderOf(document.path);
      if (automatic && !(await rested(await delayIn(cwd), mine.signal))) return null;
      if (mine.signal.aborted) return null;
      const { path, language } = document;
      const link = await parts.link();
      const found = await link.call("completionInline", { cwd, path, language, before, after, automatic }, mine.signal);
      if (mine.signal.aborted) return null;
      if (found.text === null) {
        if (found.why !== undefined && !automatic && !told.has(found.why)) parts.say(found.why);
        if (found.why !== undefined) told.add(found.why);
        return null;
      }
      offers.set(uri, [...known, { before, after, text: found.text }].slice(-MOST_OFFERS));
      return found.text;
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    } finally {
      cancelled.dispose();
      if (running.get(uri) === mine) running.delete(uri);
    }
  };
}

async function readDelay({ link }: InlineParts, cwd: string): Promise<number> {
  const { values } = await (await link()).call("configRead", { cwd, key: "completion.delay" });
  const [value] = values.map((one) => one.value).filter((one) => typeof one === "number");
  return value ?? DELAY_MS;
}

/** False where it was given up before. */
function rested(ms: number, signal: AbortSignal): Promise<boolean> {
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

function around(document: InlineDocument, position: Position): { before: string; after: string } {
  const text = document.text();
  const at = document.offsetAt(position);
  return { before: text.slice(Math.max(0, at - MOST_BEFORE), at), after: text.slice(at, at + MOST_AFTER) };
}

const inlineItem = (text: string, position: Position): InlineCompletionItem => ({
  insertText: text,
  range: { start: position, end: position },
});

interface Word {
  text: string;
  start: Position;
}

/** What an editor takes the cursor to be in: it filters the list by that. */
function wordBefore(document: InlineDocument, position: Position): Word {
  const before = document.text().slice(0, document.offsetAt(position));
  const [text = ""] = /[\p{L}\p{N}_$]*$/u.exec(before) ?? [];
  // Units of the encoding are the same for the letters of nearly every word; for others the item begins at the cursor.
  const plain = /^[\x20-\x7e]*$/.test(text);
  return plain
    ? { text, start: { line: position.line, character: position.character - text.length } }
    : { text: "", start: position };
}

function listItem(text: string, end: Position, { text: word, start }: Word): CompletionItem {
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
    // First; a control character there would be refused as JSON by Emacs.
    sortText: " ",
    preselect: true,
    insertTextFormat: InsertTextFormat.PlainText,
    textEdit: { range: { start, end }, newText: whole },
  };
}
