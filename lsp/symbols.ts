/** Where functions, classes and the like begin in a text, as far as single lines tell. Pure. */
import type { Document } from "./documents.ts";

const words =
  "function|func|fun|fn|def|defp|sub|class|object|interface|trait|protocol|struct|record|enum|module|mod|defmodule|impl";
const modifiers =
  "export|default|declare|public|private|protected|internal|static|final|abstract|async|pub(?:\\([a-z]+\\))?|unsafe|override|open|sealed|data|inline|virtual|partial|const";
const named = new RegExp(`^\\s*(?:(?:${modifiers})\\s+)*(?:${words})(?:\\s+|\\s*\\*\\s*|\\s*\\([^)]*\\)\\s*)([\\w$]+)`);
const assigned =
  /^(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>)/;

/** Beyond these nobody reads them, and looking would keep the editor waiting. */
const MOST_LINES = 20_000;
const MOST = 200;
const MOST_LINE = 500;

export interface FoundSymbol {
  name: string;
  /** Counts from 0. */
  line: number;
}

export function symbolsOf(document: Document): FoundSymbol[] {
  const found: FoundSymbol[] = [];
  if (document.lines() > MOST_LINES) return found;
  for (const [line, text] of document.text().split("\n").entries()) {
    const cut = text.slice(0, MOST_LINE);
    const name = named.exec(cut)?.[1] ?? assigned.exec(cut)?.[1];
    if (name !== undefined && found.push({ name, line }) >= MOST) break;
  }
  return found;
}
