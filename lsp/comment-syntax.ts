/** The comment and string syntax of languages, as far as needed to find comments. Pure, mostly a table. */
import { basename, extname } from "node:path";

export interface CommentSyntax {
  line: readonly string[];
  block: readonly (readonly [open: string, close: string])[];
  /** Longest delimiter first. `lines`: the string may span several lines. */
  strings: readonly { open: string; close: string; lines?: true }[];
  /** How to write a comment on its own line. */
  template: readonly [before: string, after?: string];
}

const quotes = [
  { open: '"', close: '"' },
  { open: "'", close: "'" },
] as const;
const backtick = { open: "`", close: "`", lines: true } as const;
const triple = [
  { open: '"""', close: '"""', lines: true },
  { open: "'''", close: "'''", lines: true },
] as const;

const c: CommentSyntax = { line: ["//"], block: [["/*", "*/"]], strings: [backtick, ...quotes], template: ["//"] };
/** `'` does not delimit strings: it also marks lifetimes. */
const rust: CommentSyntax = { ...c, strings: [{ open: '"', close: '"', lines: true }] };
const hash: CommentSyntax = { line: ["#"], block: [], strings: [...triple, ...quotes], template: ["#"] };
const dash: CommentSyntax = {
  line: ["--"],
  block: [
    ["/*", "*/"],
    ["--[[", "]]"],
  ],
  strings: quotes,
  template: ["--"],
};
const lisp: CommentSyntax = {
  line: [";"],
  block: [],
  strings: [{ open: '"', close: '"', lines: true }],
  template: [";;"],
};
const percent: CommentSyntax = { line: ["%"], block: [], strings: [], template: ["%"] };
const markup: CommentSyntax = { line: [], block: [["<!--", "-->"]], strings: [], template: ["<!--", "-->"] };
const css: CommentSyntax = { line: [], block: [["/*", "*/"]], strings: quotes, template: ["/*", "*/"] };

const families: readonly (readonly [CommentSyntax, string])[] = [
  [
    c,
    "c h cc cpp cxx hpp cs java js jsx mjs cjs ts tsx mts cts go kt kts swift scala dart php groovy zig proto jsonc scss less sol",
  ],
  [c, "javascript javascriptreact typescript typescriptreact csharp kotlin"],
  [rust, "rs rust"],
  [
    hash,
    "py python rb ruby sh bash zsh fish pl perl r yaml yml toml jl julia ex exs elixir cr nix make cmake dockerfile tf conf ini shellscript",
  ],
  [dash, "lua sql hs haskell elm ada adb ads vhdl"],
  [lisp, "el lisp clj cljs cljc scm rkt emacs-lisp elisp clojure scheme racket asm"],
  [percent, "tex latex erl erlang bib"],
  [markup, "html htm xml svg vue svelte md markdown"],
  [css, "css"],
];
const byName = new Map(families.flatMap(([syntax, names]) => names.split(" ").map((name) => [name, syntax] as const)));
const files: Readonly<Record<string, CommentSyntax>> = { Makefile: hash, Dockerfile: hash, "CMakeLists.txt": hash };

/** By file name, otherwise by the editor's language id; undefined if neither is known. */
export const commentSyntax = (language: string, path: string): CommentSyntax | undefined =>
  files[basename(path)] ?? byName.get(extname(path).slice(1).toLowerCase()) ?? byName.get(language.toLowerCase());
