/**
 * The editor's open documents. Their text may differ from the file on disk. Positions use the editor's encoding.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Position, Range, TextDocumentContentChangeEvent } from "vscode-languageserver/node";
import { pathOf } from "./client.ts";
import { type Encoding, fromUtf16Offset, toUtf16Offset } from "./positions.ts";
import { createTextBuffer, type TextBuffer } from "./text-buffer.ts";

export interface Document {
  readonly uri: string;
  /** Absolute and real (no symlinks); null if it is not a file. */
  readonly path: string | null;
  readonly language: string;
  version(): number;
  /** Expensive for a long text after a change: check the length first. */
  text(): string;
  /** In UTF-16 units. */
  length(): number;
  lines(): number;
  /** Without its line end. */
  line(number: number): string;
  offsetAt(position: Position): number;
  positionAt(offset: number): Position;
}

export interface Documents {
  get(uri: string): Document | undefined;
  at(path: string): Document | undefined;
  all(): Document[];
  open(item: { uri: string; languageId: string; version: number; text: string }): Document;
  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): Document | undefined;
  close(uri: string): Document | undefined;
  /** Called after each change until the listener returns true. */
  onChange(listener: (document: Document) => boolean): void;
}

interface OpenDocument {
  document: Document;
  state: DocumentState;
}

interface DocumentState {
  content: TextBuffer;
  version: number;
}

export function openDocuments(encoding: () => Encoding): Documents {
  const byUri = new Map<string, OpenDocument>();
  let listeners: ((document: Document) => boolean)[] = [];
  return {
    get: (uri) => byUri.get(uri)?.document,
    at: (path) => [...byUri.values()].find(({ document }) => document.path === path)?.document,
    all: () => [...byUri.values()].map(({ document }) => document),
    open({ uri, languageId, version, text }) {
      const state = { version, content: createTextBuffer(text) };
      const document = createDocument(uri, languageId, state, encoding());
      byUri.set(uri, { document, state });
      return document;
    },
    change(uri, version, changes) {
      const openDocument = byUri.get(uri);
      if (!openDocument) return undefined;
      const { content } = openDocument.state;
      for (const change of changes) {
        if ("range" in change) content.change(toUtf16Range(content, change.range, encoding()), change.text);
        else content.replace(change.text);
      }
      openDocument.state.version = version;
      listeners = listeners.filter((listener) => !listener(openDocument.document));
      return openDocument.document;
    },
    close(uri) {
      const one = byUri.get(uri);
      byUri.delete(uri);
      return one?.document;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

function createDocument(uri: string, language: string, state: DocumentState, encoding: Encoding): Document {
  const { content } = state;
  const path = pathOf(uri);
  return {
    uri,
    path: path === null ? null : resolveRealPath(path),
    language,
    version: () => state.version,
    text: content.text,
    length: content.length,
    lines: content.lineCount,
    line: content.line,
    offsetAt: (position) => content.offsetAt(toUtf16Position(content, position, encoding)),
    positionAt(offset) {
      const { line, character } = content.positionAt(offset);
      return { line, character: fromUtf16Offset(content.line(line), character, encoding) };
    },
  };
}

const toUtf16Range = (content: TextBuffer, { start, end }: Range, encoding: Encoding): Range => ({
  start: toUtf16Position(content, start, encoding),
  end: toUtf16Position(content, end, encoding),
});

const toUtf16Position = (content: TextBuffer, { line, character }: Position, encoding: Encoding): Position => ({
  line,
  character: toUtf16Offset(content.line(line), character, encoding),
});

/** Resolves symlinks. For a path that does not exist, resolves its nearest existing parent. */
export function resolveRealPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(resolveRealPath(above), basename(path));
  }
}
