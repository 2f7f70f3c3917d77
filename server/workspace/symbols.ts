/** Finds symbol definitions by their keywords in single lines, for many languages, with one run of ripgrep. Pure. */

export interface SymbolMatch {
  name: string;
  kind: string;
  /** Relative to the searched folder. */
  path: string;
  /** Counts from 1. */
  line: number;
}

/** Keywords before the name of a definition, and the kind of symbol. */
const kinds: Readonly<Record<string, string>> = {
  function: "function",
  func: "function",
  fun: "function",
  fn: "function",
  def: "function",
  defp: "function",
  sub: "function",
  class: "class",
  object: "class",
  interface: "interface",
  trait: "interface",
  protocol: "interface",
  type: "type",
  typedef: "type",
  struct: "struct",
  record: "struct",
  union: "struct",
  enum: "enum",
  module: "module",
  mod: "module",
  defmodule: "module",
  namespace: "module",
  "macro_rules!": "macro",
};

/** Matched only at the start of a line, to skip local variables. */
const topKinds: Readonly<Record<string, string>> = {
  const: "constant",
  static: "constant",
  let: "variable",
  val: "variable",
  var: "variable",
};

const modifiers =
  "export|default|declare|public|private|protected|internal|static|final|abstract|async|pub(?:\\([a-z]+\\))?|unsafe|extern|override|open|sealed|data|inline|virtual|partial|const";
const anyOf = (table: Readonly<Record<string, string>>): string => Object.keys(table).join("|");

/** Everything before the name. Between keyword and name there is a space, a `*` or the receiver of a method. */
const prefix = `(?:\\s*(?:(?:${modifiers})\\s+)*(?:${anyOf(kinds)})|(?:(?:export|declare|pub(?:\\([a-z]+\\))?)\\s+)*(?:${anyOf(topKinds)}))(?:\\s+|\\s*\\*\\s*|\\s*\\([^)]*\\)\\s*)(?:mut\\s+)?`;

const definition = new RegExp(`^${prefix}([\\w$]+)`);
const lastWord = new RegExp(`(${anyOf(kinds)}|${anyOf(topKinds)})(?:\\s|\\*|\\()`, "g");
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Arguments for ripgrep. Matches the text anywhere in the name, in any case. */
export const buildSymbolSearchArgs = (text: string): string[] => [
  ...["--no-config", "--no-messages", "--no-require-git", "--color=never", "--no-heading", "--with-filename"],
  ...["--null", "--line-number", "--ignore-case", "--max-columns=300", "--max-columns-preview", "--max-count=50"],
  `--regexp=^${prefix}[\\w$]*${escaped(text)}[\\w$]*`,
  ...["--", "."],
];

/** Parses ripgrep's output, `path NUL line : text`. Skips lines that cannot be parsed, such as truncated ones. */
export function parseSymbols(output: string): SymbolMatch[] {
  return output.split("\n").flatMap((row) => {
    const [, path, line, text = ""] = /^([^\0]*)\0(\d+):(.*)$/.exec(row) ?? [];
    const [whole, name] = definition.exec(text) ?? [];
    if (path === undefined || whole === undefined || name === undefined) return [];
    const word = [...whole.slice(0, -name.length).matchAll(lastWord)].at(-1)?.[1] ?? "";
    return [
      { name, kind: kinds[word] ?? topKinds[word] ?? "other", path: path.replace(/^\.\//, ""), line: Number(line) },
    ];
  });
}

/** Exact names first, then names that start with the text; then shorter names, then by location. */
export function rankSymbols(symbols: readonly SymbolMatch[], text: string, limit: number): SymbolMatch[] {
  const query = text.toLowerCase();
  const rank = ({ name }: SymbolMatch): number => {
    const at = name.toLowerCase().indexOf(query);
    return name === text ? 0 : at === 0 ? (name.length === text.length ? 1 : 2) : at > 0 ? 3 : 4;
  };
  return symbols
    .filter((symbol) => rank(symbol) < 4)
    .sort(
      (one, other) =>
        rank(one) - rank(other) ||
        one.name.length - other.name.length ||
        (one.path === other.path ? one.line - other.line : one.path < other.path ? -1 : 1),
    )
    .slice(0, limit);
}
