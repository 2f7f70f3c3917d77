/** Where things are defined, as far as one line of a file can tell: words by family of languages, for one run of ripgrep. Pure. */

export interface FoundSymbol {
  name: string;
  kind: string;
  /** From the folder that was searched. */
  path: string;
  /** Counts from 1. */
  line: number;
}

/** Words that stand before the name of what they define, and what that is. */
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

/** Only at the beginning of a line: inside a function they are of no interest to others. */
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

/** What stands before the name. A word and its name are apart, or a `*` or the receiver of a method stands between. */
const before = `(?:\\s*(?:(?:${modifiers})\\s+)*(?:${anyOf(kinds)})|(?:(?:export|declare|pub(?:\\([a-z]+\\))?)\\s+)*(?:${anyOf(topKinds)}))(?:\\s+|\\s*\\*\\s*|\\s*\\([^)]*\\)\\s*)(?:mut\\s+)?`;

const shape = new RegExp(`^${before}([\\w$]+)`);
const lastWord = new RegExp(`(${anyOf(kinds)}|${anyOf(topKinds)})(?:\\s|\\*|\\()`, "g");
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Arguments for ripgrep. The text may be anywhere in the name, in any case. */
export const symbolSearch = (text: string): string[] => [
  ...["--no-config", "--no-messages", "--no-require-git", "--color=never", "--no-heading", "--with-filename"],
  ...["--null", "--line-number", "--ignore-case", "--max-columns=300", "--max-columns-preview", "--max-count=50"],
  `--regexp=^${before}[\\w$]*${escaped(text)}[\\w$]*`,
  ...["--", "."],
];

/** What ripgrep printed: `path NUL line : text`. What cannot be read, such as a row that was cut off, is left out. */
export function symbolsIn(output: string): FoundSymbol[] {
  return output.split("\n").flatMap((row) => {
    const [, path, line, text = ""] = /^([^\0]*)\0(\d+):(.*)$/.exec(row) ?? [];
    const [whole, name] = shape.exec(text) ?? [];
    if (path === undefined || whole === undefined || name === undefined) return [];
    const word = [...whole.slice(0, -name.length).matchAll(lastWord)].at(-1)?.[1] ?? "";
    return [
      { name, kind: kinds[word] ?? topKinds[word] ?? "other", path: path.replace(/^\.\//, ""), line: Number(line) },
    ];
  });
}

/** Those that are called so first, then those whose name begins so; of equals the shorter name, then by place. */
export function bestSymbols(symbols: readonly FoundSymbol[], text: string, limit: number): FoundSymbol[] {
  const wanted = text.toLowerCase();
  const rank = ({ name }: FoundSymbol): number => {
    const at = name.toLowerCase().indexOf(wanted);
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
