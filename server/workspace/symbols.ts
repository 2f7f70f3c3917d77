/** Where things are defined, as far as one line of a file can tell: patterns by family of languages for one run of ripgrep. */

export interface Symbol {
  name: string;
  kind: string;
  path: string;
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
  interface: "interface",
  trait: "interface",
  protocol: "interface",
  type: "type",
  typedef: "type",
  struct: "struct",
  record: "struct",
  enum: "enum",
  union: "struct",
  module: "module",
  namespace: "module",
  package: "module",
  object: "class",
  const: "constant",
  let: "variable",
  var: "variable",
  macro_rules: "macro",
};

const words = Object.keys(kinds).join("|");
const modifiers =
  "export|default|declare|public|private|protected|internal|static|final|abstract|async|pub(?:\\([a-z]+\\))?|unsafe|extern|override|open|sealed|data|inline|virtual";

/** For ripgrep: the name may be anywhere in what is defined, in any case. */
export function symbolPattern(text: string): string {
  const name = [...text].map((letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("");
  return `^\\s*(?:(?:${modifiers})\\s+)*(?:${words})!?\\s*\\*?\\s*(?:\\([^)]*\\)\\s*)?[\\w$]*${name}[\\w$]*`;
}

const shape = new RegExp(`^\\s*(?:(?:${modifiers})\\s+)*(${words})!?\\s*\\*?\\s*(?:\\([^)]*\\)\\s*)?([\\w$]+)`);

/** What ripgrep printed with `--null --line-number`: `path NUL line : text`. */
export function symbolsIn(output: string, limit: number): Symbol[] {
  return output
    .split("\n")
    .flatMap((row) => {
      const [, path, line, text] = /^(.*?)\0(\d+):(.*)$/.exec(row) ?? [];
      const [, word, name] = shape.exec(text ?? "") ?? [];
      if (path === undefined || word === undefined || name === undefined) return [];
      return [{ name, kind: kinds[word] ?? word, path: path.replace(/^\.\//, ""), line: Number(line) }];
    })
    .slice(0, limit);
}
