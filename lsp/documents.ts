/**
 * The texts that the editor has open: what it says of them is the truth, whatever the disk says. Positions go in and out as the editor
 * counts them.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Position, Range, TextDocumentContentChangeEvent } from "vscode-languageserver/node";
import { pathOf } from "./client.ts";
import { countBefore, type Encoding, unitsBefore } from "./positions.ts";
import { openText, type Text } from "./text.ts";

export interface Document {
  readonly uri: string;
  /** Absolute, real; null where it is no file. */
  readonly path: string | null;
  readonly language: string;
  version(): number;
  /** Costs much where it is long and was changed; ask for the length first. */
  text(): string;
  /** In UTF-16 units. */
  length(): number;
  lines(): number;
  /** Without its end. */
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
  /** Called after each change of a text, until it returns true. */
  onChange(listener: (document: Document) => boolean): void;
}

interface Open {
  document: Document;
  state: State;
}

interface State {
  content: Text;
  version: number;
}

export function openDocuments(encoding: () => Encoding): Documents {
  const byUri = new Map<string, Open>();
  let listeners: ((document: Document) => boolean)[] = [];
  return {
    get: (uri) => byUri.get(uri)?.document,
    at: (path) => [...byUri.values()].find(({ document }) => document.path === path)?.document,
    all: () => [...byUri.values()].map(({ document }) => document),
    open({ uri, languageId, version, text }) {
      const state = { version, content: openText(text) };
      const document = documentOf(uri, languageId, state, encoding());
      byUri.set(uri, { document, state });
      return document;
    },
    change(uri, version, changes) {
      const one = byUri.get(uri);
      if (!one) return undefined;
      const { content } = one.state;
      for (const change of changes) {
        if ("range" in change) content.change(rangeIn(content, change.range, encoding()), change.text);
        else content.replace(change.text);
      }
      one.state.version = version;
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

function documentOf(uri: string, language: string, state: State, encoding: Encoding): Document {
  const { content } = state;
  const path = pathOf(uri);
  return {
    uri,
    path: path === null ? null : realPath(path),
    language,
    version: () => state.version,
    text: content.all,
    length: content.length,
    lines: content.count,
    line: content.line,
    offsetAt: (position) => content.offsetAt(placeIn(content, position, encoding)),
    positionAt(offset) {
      const { line, character } = content.placeAt(offset);
      return { line, character: countBefore(content.line(line), character, encoding) };
    },
  };
}

const rangeIn = (content: Text, { start, end }: Range, encoding: Encoding): Range => ({
  start: placeIn(content, start, encoding),
  end: placeIn(content, end, encoding),
});

const placeIn = (content: Text, { line, character }: Position, encoding: Encoding): Position => ({
  line,
  character: unitsBefore(content.line(line), character, encoding),
});

/** Where nothing is there yet, by the folder that it would be in. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}
