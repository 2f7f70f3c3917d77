/** Finds the lines where functions, classes and similar symbols start, by pattern. Pure. */
import type { Document } from "./documents.ts";

const declarationKeywords =
  "function|func|fun|fn|def|defp|sub|class|object|interface|trait|protocol|struct|record|enum|module|mod|defmodule|impl";
const modifiers =
  "export|default|declare|public|private|protected|internal|static|final|abstract|async|pub(?:\\([a-z]+\\))?|unsafe|override|open|sealed|data|inline|virtual|partial|const";
const declaration = new RegExp(
  `^\\s*(?:(?:${modifiers})\\s+)*(?:${declarationKeywords})(?:\\s+|\\s*\\*\\s*|\\s*\\([^)]*\\)\\s*)([\\w$]+)`,
);
const assignedFunction =
  /^(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>)/;

/** Limits, so that large files do not slow down the editor. */
const MAX_LINES = 20_000;
const MAX_SYMBOLS = 200;
const MAX_LINE_LENGTH = 500;

export interface DocumentSymbol {
  name: string;
  /** Counts from 0. */
  line: number;
}

export function findSymbols(document: Document): DocumentSymbol[] {
  const found: DocumentSymbol[] = [];
  if (document.lines() > MAX_LINES) return found;
  for (const [line, text] of document.text().split("\n").entries()) {
    const cut = text.slice(0, MAX_LINE_LENGTH);
    const name = declaration.exec(cut)?.[1] ?? assignedFunction.exec(cut)?.[1];
    if (name !== undefined && found.push({ name, line }) >= MAX_SYMBOLS) break;
  }
  return found;
}
