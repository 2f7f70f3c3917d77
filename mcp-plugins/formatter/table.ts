/**
 * The supported formatters and linters, with the files that show that a project uses them. A formatter writes the file. A linter
 * only reports, because a fix that removes an unused import may remove what the next edit needs.
 */

export interface Program {
  name: string;
  extensions: readonly string[];
  /** The project uses the program if one of these files is in a folder above the file and, if given, matches the pattern. */
  configMarkers: readonly (string | { file: string; has: RegExp })[];
  /** Where it is installed: in node_modules, in a virtual environment, or only on the PATH. */
  from: "node" | "python" | "path";
  /** Arguments to format the file, and to report problems; `{file}` is the file. */
  format?: readonly string[];
  lint?: readonly string[];
  /** Formats standard input: with a file argument it would also format related files. */
  usesStdin?: boolean;
}

const script = ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"];
const styled = ["css", "json", "jsonc", "graphql"];
const c = ["c", "h", "cc", "hh", "cpp", "hpp", "cxx", "hxx", "m", "mm"];
const pyproject = (tool: string) => ({ file: "pyproject.toml", has: new RegExp(`^\\[tool\\.${tool}\\b`, "m") });

/** The first formatter of a file is used, and all its linters. */
export const programs: readonly Program[] = [
  {
    name: "biome",
    extensions: [...script, ...styled],
    configMarkers: ["biome.json", "biome.jsonc", ".biome.json", ".biome.jsonc"],
    from: "node",
    format: ["format", "--write", "--no-errors-on-unmatched", "{file}"],
    lint: ["lint", "--no-errors-on-unmatched", "{file}"],
  },
  {
    name: "prettier",
    extensions: [...script, ...styled, "scss", "less", "html", "vue", "svelte", "md", "mdx", "yaml", "yml", "json5"],
    configMarkers: [
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
    configMarkers: [
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
    configMarkers: ["ruff.toml", ".ruff.toml", pyproject("ruff")],
    from: "python",
    format: ["format", "--quiet", "{file}"],
    lint: ["check", "--quiet", "--output-format", "concise", "{file}"],
  },
  {
    name: "black",
    extensions: ["py", "pyi"],
    configMarkers: [pyproject("black")],
    from: "python",
    format: ["--quiet", "{file}"],
  },
  { name: "gofmt", extensions: ["go"], configMarkers: ["go.mod"], from: "path", format: ["-w", "{file}"] },
  {
    name: "rustfmt",
    extensions: ["rs"],
    configMarkers: ["rustfmt.toml", ".rustfmt.toml", "Cargo.toml"],
    from: "path",
    format: ["--emit", "stdout", "--quiet"],
    usesStdin: true,
  },
  {
    name: "clang-format",
    extensions: c,
    configMarkers: [".clang-format", "_clang-format"],
    from: "path",
    format: ["-i", "{file}"],
  },
  {
    name: "shfmt",
    extensions: ["sh", "bash"],
    configMarkers: [{ file: ".editorconfig", has: /^\[(\*|[^\]]*sh[^\]]*)\]/m }],
    from: "path",
    format: ["-w", "{file}"],
  },
];
