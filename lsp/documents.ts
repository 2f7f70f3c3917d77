/**
 * The texts that the editor has open: what it says of them is the truth, whatever the disk says. Positions go in and out as the editor
 * counts them.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Position, Range, TextDocumentContentChangeEvent } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { pathOf } from "./client.ts";
import { countBefore, type Encoding, unitsBefore } from "./positions.ts";

export interface Document {
  readonly uri: string;
  /** Absolute, real; null where it is no file. */
  readonly path: string | null;
  readonly language: string;
  version(): number;
  text(): string;
  lines(): number;
  /** Without its end. */
  line(number: number): string;
  offsetAt(position: Position): number;
  positionAt(offset: number): Position;
  textIn(range: Range): string;
}

export interface Documents {
  get(uri: string): Document | undefined;
  at(path: string): Document | undefined;
  all(): Document[];
  open(item: { uri: string; languageId: string; version: number; text: string }): Document;
  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): Document | undefined;
  close(uri: string): Document | undefined;
  /** Called after each change of a text, until it returns true. */
  onChange(listener: (document: Document) => boolean): void;
}

interface Open {
  document: Document;
  /** As strings count. */
  plain: TextDocument;
}

export function openDocuments(encoding: () => Encoding): Documents {
  const byUri = new Map<string, Open>();
  let listeners: ((document: Document) => boolean)[] = [];
  return {
    get: (uri) => byUri.get(uri)?.document,
    at: (path) => [...byUri.values()].find(({ document }) => document.path === path)?.document,
    all: () => [...byUri.values()].map(({ document }) => document),
    open({ uri, languageId, version, text }) {
      const one = open(TextDocument.create(uri, languageId, version, text), encoding());
      byUri.set(uri, one);
      return one.document;
    },
    change(uri, version, changes) {
      const one = byUri.get(uri);
      if (!one) return undefined;
      for (const change of changes) TextDocument.update(one.plain, [inUnits(one.plain, change, encoding())], version);
      listeners = listeners.filter((listener) => !listener(one.document));
      return one.document;
    },
    close(uri) {
      const one = byUri.get(uri);
      byUri.delete(uri);
      return one?.document;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

function open(plain: TextDocument, encoding: Encoding): Open {
  const path = pathOf(plain.uri);
  const document: Document = {
    uri: plain.uri,
    path: path === null ? null : realPath(path),
    language: plain.languageId,
    version: () => plain.version,
    text: () => plain.getText(),
    lines: () => plain.lineCount,
    line: (number) => lineOf(plain, number),
    offsetAt: (position) => plain.offsetAt(unitPosition(plain, position, encoding)),
    positionAt(offset) {
      const { line, character } = plain.positionAt(offset);
      if (encoding === "utf-16") return { line, character };
      return { line, character: countBefore(lineOf(plain, line), character, encoding) };
    },
    textIn: ({ start, end }) => plain.getText().slice(document.offsetAt(start), document.offsetAt(end)),
  };
  return { document, plain };
}

function inUnits(
  plain: TextDocument,
  change: TextDocumentContentChangeEvent,
  encoding: Encoding,
): TextDocumentContentChangeEvent {
  if (!("range" in change) || encoding === "utf-16") return change;
  const start = unitPosition(plain, change.range.start, encoding);
  return { text: change.text, range: { start, end: unitPosition(plain, change.range.end, encoding) } };
}

function unitPosition(plain: TextDocument, { line, character }: Position, encoding: Encoding): Position {
  if (encoding === "utf-16") return { line, character };
  return { line, character: unitsBefore(lineOf(plain, line), character, encoding) };
}

const lineOf = (plain: TextDocument, line: number): string =>
  plain.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } }).replace(/\r?\n$|\r$/, "");

/** Where nothing is there yet, by the folder that it would be in. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}
