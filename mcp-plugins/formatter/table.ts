/**
 * The formatters and linters that are known, by the files that show that a project uses them. A formatter writes the file; a linter
 * only says what is wrong, since a fix that takes an unused import away may take what the next edit needs.
 */

export interface Program {
  name: string;
  extensions: readonly string[];
  /** Any of these in a folder above the file: a name, or a name with a text that must be in it. */
  shownBy: readonly (string | { file: string; has: RegExp })[];
  /** Where it is installed: in a node_modules, in a virtual environment, or only on the PATH. */
  from: "node" | "python" | "path";
  /** Arguments that make it write the file, and that make it say what is wrong; `{file}` is the file. */
  format?: readonly string[];
  lint?: readonly string[];
  /** It formats what it reads from standard input: naming the file would format others that belong to it. */
  overStdin?: boolean;
}

const script = ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"];
const styled = ["css", "json", "jsonc", "graphql"];
const c = ["c", "h", "cc", "hh", "cpp", "hpp", "cxx", "hxx", "m", "mm"];
const pyproject = (tool: string) => ({ file: "pyproject.toml", has: new RegExp(`^\\[tool\\.${tool}\\b`, "m") });

/** Of those that format a file the first is taken; all that lint it are asked. */
export const programs: readonly Program[] = [
  {
    name: "biome",
    extensions: [...script, ...styled],
    shownBy: ["biome.json", "biome.jsonc", ".biome.json", ".biome.jsonc"],
    from: "node",
    format: ["format", "--write", "--no-errors-on-unmatched", "{file}"],
    lint: ["lint", "--no-errors-on-unmatched", "{file}"],
  },
  {
    name: "prettier",
    extensions: [...script, ...styled, "scss", "less", "html", "vue", "svelte", "md", "mdx", "yaml", "yml", "json5"],
    shownBy: [
      ".prettierrc",
      ...["json", "json5", "yaml", "yml", "toml", "js", "mjs", "cjs", "ts"].map((end) => `.prettierrc.${end}`),
      ...["js", "mjs", "cjs", "ts"].map((end) => `prettier.config.${end}`),
      { file: "package.json", has: /"prettier"\s*:\s*["{]/ },
    ],
    from: "node",
    format: ["--write", "--ignore-unknown", "--log-level", "warn", "{file}"],
  },
  {
    name: "eslint",
    extensions: [...script, "vue", "svelte"],
    shownBy: [
      ...["js", "mjs", "cjs", "ts", "mts", "cts"].map((end) => `eslint.config.${end}`),
      ".eslintrc",
      ...["js", "cjs", "json", "yaml", "yml"].map((end) => `.eslintrc.${end}`),
    ],
    from: "node",
    lint: ["{file}"],
  },
  {
    name: "ruff",
    extensions: ["py", "pyi"],
    shownBy: ["ruff.toml", ".ruff.toml", pyproject("ruff")],
    from: "python",
    format: ["format", "--quiet", "{file}"],
    lint: ["check", "--quiet", "--output-format", "concise", "{file}"],
  },
  {
    name: "black",
    extensions: ["py", "pyi"],
    shownBy: [pyproject("black")],
    from: "python",
    format: ["--quiet", "{file}"],
  },
  { name: "gofmt", extensions: ["go"], shownBy: ["go.mod"], from: "path", format: ["-w", "{file}"] },
  {
    name: "rustfmt",
    extensions: ["rs"],
    shownBy: ["rustfmt.toml", ".rustfmt.toml", "Cargo.toml"],
    from: "path",
    format: ["--emit", "stdout", "--quiet"],
    overStdin: true,
  },
  {
    name: "clang-format",
    extensions: c,
    shownBy: [".clang-format", "_clang-format"],
    from: "path",
    format: ["-i", "{file}"],
  },
  {
    name: "shfmt",
    extensions: ["sh", "bash"],
    shownBy: [{ file: ".editorconfig", has: /^\[(\*|[^\]]*sh[^\]]*)\]/m }],
    from: "path",
    format: ["-w", "{file}"],
  },
];
