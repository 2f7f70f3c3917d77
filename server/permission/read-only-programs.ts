/** Interprets the table of read-only programs: which paths a command reads, or why it may do more than read. */
import { isSecretPath } from "../workspace/secret-files.ts";
import { isPlainAwk, isPlainFormat, isPlainJq, isPlainSed } from "./plain-scripts.ts";
import { getBaseName } from "./program-tables.ts";
import { FIND_FLAGS, FIND_TESTS, GIT_READERS, READERS, type Reader, VERSION_OPTIONS } from "./reader-tables.ts";

/**
 * `paths` are the words that may name files. `options` are the known options by name, with their values. `problem`: the program or an
 * option is not known to be read-only.
 */
export type ReaderUse = ReaderPaths | { problem: string };

export interface ReaderPaths {
  paths: string[];
  /** Option letters and long names, each with its value, or "" for none. */
  options: [name: string, value: string][];
  /** Operands before and after `--`, without the leading text. */
  operands: string[];
  limits: string[];
  /** True if any number of paths may stand in place of an operand. */
  expands: boolean;
  /** A program that prints its version must be the installed one. */
  version?: true;
  /** Folders whose file names the program gets as words: none may have a blank or a quote. */
  listed?: string[];
}

const readsPaths = (paths: string[], expands = false): ReaderPaths => ({
  paths,
  options: [],
  operands: paths,
  limits: [],
  expands,
});

/** Without the letters that show the environment of processes: `E`, and `e` except on Linux, where it selects all of them. */
const PS_LETTERS = process.platform === "linux" ? "efFAa" : "fFAa";
const PS_WORD = new RegExp(
  String.raw`^(a?u?x?|-aux|-[${PS_LETTERS}]*[op]?|-u|--no-headers|--forest|--sort=-?%?[a-z]+|\d+|((pid|ppid|comm|cmd|args|user|stat|%cpu|%mem|rss|vsz|etime|time|tty|lstart)=?,?)+)$`,
);

type Parser = (words: readonly string[], name: string) => ReaderUse;

const PARSERS: Readonly<Record<string, Parser>> = {
  git: parseGit,
  find: parseFind,
  sed: parseSed,
  awk: parseAwk,
  jq: parseJq,
  cd: (words) =>
    words.length === 1 && !words[0]?.startsWith("-") && words[0] !== ""
      ? readsPaths([...words])
      : { problem: "cd takes one folder" },
  test: parseTest,
  "[": parseTest,
  echo: () => readsPaths([]),
  true: () => readsPaths([]),
  false: () => readsPaths([]),
  ":": () => readsPaths([]),
  command: (words) =>
    words.length === 2 && words[0] === "-v" ? readsPaths([]) : { problem: "command runs a program" },
  date: (words) =>
    words.every((word) => /^(\+.*|-u|--utc|-I\w*|-R)$/.test(word))
      ? readsPaths([])
      : { problem: "date may set the clock" },
  printf(words) {
    const [format = ""] = words[0] === "--" ? words.slice(1) : words;
    return !format.startsWith("-") && isPlainFormat(format)
      ? readsPaths([])
      : { problem: "printf may assign a variable with this format" };
  },
  ps: (words) =>
    words.every((word) => PS_WORD.test(word))
      ? readsPaths([])
      : { problem: "this option of ps is not known to be read-only" },
  tar: parseTar,
  unzip: (words) =>
    words.length === 2 && words[0] === "-l" ? readsPaths(words.slice(1)) : { problem: "unzip writes files" },
};

const getParser = (name: string): Parser | undefined => (Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined);

export function isKnownReader(words: readonly string[]): boolean {
  const name = words[0] ?? "";
  return name === "git"
    ? Object.hasOwn(GIT_READERS, getGitArguments(words)[0] ?? "")
    : getParser(name) !== undefined || Object.hasOwn(READERS, name);
}

/** `input`: the words of the command whose output it reads. */
export function parseReaderUse(words: readonly string[], input?: readonly string[]): ReaderUse {
  const [name = "", ...rest] = words;
  if (name === "xargs") return parseXargs(rest, input ?? []);
  if (rest.length === 1 && Object.hasOwn(VERSION_OPTIONS, name) && VERSION_OPTIONS[name]?.includes(rest[0] ?? ""))
    return { ...readsPaths([]), version: true };
  const parser = getParser(name);
  if (parser !== undefined) return parser(rest, name);
  if (!Object.hasOwn(READERS, name)) return { problem: `${getBaseName(name)} is not known to be read-only` };
  return parseByTable(name, READERS[name], rest);
}

/** The words after `git`, without `--no-pager`. */
export function getGitArguments(words: readonly string[]): string[] {
  return words.slice(words[1] === "--no-pager" ? 2 : 1);
}

function parseGit(words: readonly string[]): ReaderUse {
  const [verb = "", ...args] = getGitArguments(["git", ...words]);
  if ((verb === "stash" || verb === "worktree") && args.join(" ") === "list") return readsPaths([]);
  if (verb === "config") return parseGitConfig(args);
  return Object.hasOwn(GIT_READERS, verb)
    ? parseByTable(`git ${verb}`, GIT_READERS[verb], verb === "reflog" && args[0] === "show" ? args.slice(1) : args)
    : { problem: `git ${verb} is not known to be read-only` };
}

/** Reads one setting by its name. All others could contain passwords, or change. */
function parseGitConfig(words: readonly string[]): ReaderUse {
  const [option = "", ...rest] = words.filter((word) => word !== "--global" && word !== "--local");
  const names = option === "--get" || option === "--get-all" || option === "get" ? rest : [option, ...rest];
  const [name = ""] = names;
  return names.length === 1 &&
    /^[a-z][\w-]*\.[\w./-]*[a-z][\w-]*$/i.test(name) &&
    !/auth|header|pass|token|secret|key|credential/i.test(name)
    ? readsPaths([])
    : { problem: "git config may change settings or show passwords" };
}

/** Long options whose value may be the next word, in every program that has them. */
const VALUED_OPTIONS = new Set(
  `max-count skip since until after before author committer grep date encoding diff-filter word-diff-regex diff-algorithm inter-hunk-context
  threads max-depth context after-context before-context regexp glob iglob type type-not sort sortr max-filesize max-columns include exclude
  exclude-dir label lines bytes key field-separator buffer-size fields delimiter characters`.split(/\s+/),
);

function parseByTable(name: string, reader: Reader | undefined, words: readonly string[]): ReaderUse {
  const { letters = "", values = "", long = "", text = 0, digits = false } = reader ?? {};
  const longNames = new Set(long.split(" "));
  const [paths, plain, limits]: [string[], string[], string[]] = [[], [], []];
  const options: ReaderPaths["options"] = [];
  let pattern = false;
  let ended = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (ended) limits.push(word);
    else if (word === "-" || !word.startsWith("-")) plain.push(word);
    else if (word === "--") ended = true;
    else if (word.startsWith("--")) {
      const [option = "", value] = word.slice(2).split(/=(.*)/s);
      if (!longNames.has(option)) return { problem: `${name} --${option} is not known to be read-only` };
      const given = value ?? (VALUED_OPTIONS.has(option) ? (words[++at] ?? "") : undefined);
      options.push([option, given ?? ""]);
      if (option === "regexp") pattern = true;
      if (given !== undefined && option !== "regexp") paths.push(given);
    } else if (digits && /^-\d+$/.test(word)) options.push(["n", word.slice(1)]);
    else {
      for (let letter = 1; letter < word.length; letter += 1) {
        const char = word.charAt(letter);
        if (letters.includes(char)) options.push([char, ""]);
        else if (!values.includes(char)) return { problem: `${name} -${char} is not known to be read-only` };
        else {
          const value = letter + 1 < word.length ? word.slice(letter + 1) : words[++at];
          if (value === undefined || (letter + 1 >= word.length && value.startsWith("-")))
            return { problem: `${name} -${char} needs a value` };
          options.push([char, value]);
          if (char === "e") pattern = true;
          else if (!"SGkdtFIs".includes(char)) paths.push(value);
          break;
        }
      }
    }
  }
  const all = [...plain, ...limits];
  if (all.length > (reader?.operands ?? Number.POSITIVE_INFINITY))
    return { problem: `${name} may write to its last operand` };
  const skip = text === "all" ? all.length : pattern ? 0 : text;
  return {
    paths: [...paths, ...all.slice(skip)],
    options,
    operands: plain.slice(skip),
    limits: limits.slice(Math.max(0, skip - plain.length)),
    expands: reader?.operands === undefined,
  };
}

function parseFind(words: readonly string[]): ReaderUse {
  const paths: string[] = [];
  const options: ReaderPaths["options"] = [];
  const starts: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (FIND_TESTS.has(word)) options.push([word, words[++at] ?? ""]);
    else if (word === "-newer" || word === "-samefile") paths.push(words[++at] ?? "");
    else if (FIND_FLAGS.has(word) || word === "!" || word === "(" || word === ")") options.push([word, ""]);
    else if (word.startsWith("-")) return { problem: `find ${word} is not known to be read-only` };
    else if (word === "," || options.length > 0)
      return { problem: `find: ${word} comes after an option, so it may not be a folder` };
    else starts.push(word);
  }
  return { paths: [...paths, ...starts], options, operands: starts, limits: [], expands: true };
}

const SECRET_STEMS = ["x", ".env", "credentials", "id_rsa"];
const XARGS_OPTION = /^(-[0r]+|--null|--no-run-if-empty|-[nP]\d+)$/;

/** The program that xargs runs, with its first arguments; null if that depends on an option that is not known. */
export function findXargsProgram(words: readonly string[]): readonly string[] | null {
  const start = words.findIndex((word) => !XARGS_OPTION.test(word));
  return start < 0 || words[start]?.startsWith("-") ? null : words.slice(start);
}

/**
 * A program that reads the regular files that `find` lists. Their contents may only be shown if a name ending excludes secrets. Without
 * `-0`, blanks and quotes in a name would separate words.
 */
function parseXargs(words: readonly string[], input: readonly string[]): ReaderUse {
  const problem = { problem: "xargs runs a program with arguments that this line does not show" };
  const program = findXargsProgram(words) ?? [];
  const [name = "", ...rest] = program;
  const found = input[0] === "find" ? parseFind(input.slice(1)) : problem;
  if (!("paths" in found) || found.paths.some((path) => path.startsWith("-"))) return problem;
  const has = (...option: string[]) => found.options.some((one) => one.join(" ") === option.join(" "));
  const use = /^(wc|grep|head|cat|sort|basename|dirname|md5sum|sha256sum)$/.test(name)
    ? parseReaderUse([name, ...rest])
    : problem;
  if (!("paths" in use) || use.paths.length > 0 || has("-ls", "")) return problem;
  if (
    found.options.some(
      ([option]) => option === "-printf" || option === "-o" || option === "-or" || option === "!" || option === "-not",
    )
  )
    return problem;
  const names = found.options.filter(([option]) => option === "-name").map(([, glob]) => /^\*(\.\w+)$/.exec(glob)?.[1]);
  const excludesSecrets = names.some(
    (ending) => ending !== undefined && !SECRET_STEMS.some((stem) => isSecretPath(`${stem}${ending}`)),
  );
  if (!(excludesSecrets && has("-type", "f")) && !/^(wc|basename|dirname)$/.test(name)) return problem;
  const isNull = words.slice(0, words.length - program.length).some((word) => /^(-r?0r?|--null)$/.test(word));
  if (isNull !== has("-print0", "")) return problem;
  return {
    ...readsPaths(found.paths),
    ...(!isNull && { listed: found.operands.length === 0 ? ["."] : found.operands }),
  };
}

function parseSed(words: readonly string[]): ReaderUse {
  const scripts: string[] = [];
  const plain: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (/^-[nErsuz]*e$/.test(word)) scripts.push(words[++at] ?? "");
    else if (/^(-[nErsuz]+|--quiet|--silent|--regexp-extended|--expression=.*)$/s.test(word)) {
      if (word.startsWith("--expression=")) scripts.push(word.slice(13));
    } else if (word.startsWith("-")) return { problem: `sed ${word} is not known to be read-only` };
    else plain.push(word);
  }
  if (scripts.length === 0) scripts.push(plain.shift() ?? "");
  return scripts.every((script) => isPlainSed(script))
    ? readsPaths(plain, true)
    : { problem: "the sed script may write a file or run a program" };
}

function parseAwk(words: readonly string[]): ReaderUse {
  const args = words[0] === "-F" ? words.slice(2) : /^-F[^-]/.test(words[0] ?? "") ? words.slice(1) : words;
  const [script = "", ...files] = args;
  return !script.startsWith("-") &&
    isPlainAwk(script) &&
    !files.some((file) => file.startsWith("-") || file.includes("="))
    ? readsPaths(files, true)
    : { problem: "the awk script may write a file or run a program" };
}

function parseJq(words: readonly string[]): ReaderUse {
  const long =
    /^--(raw-output|compact-output|slurp|sort-keys|exit-status|null-input|raw-input|tab|join-output|monochrome-output|color-output)$/;
  const plain: string[] = [];
  for (const word of words) {
    if (!word.startsWith("-")) plain.push(word);
    else if (!/^-[rcsSenRMCja]+$/.test(word) && !long.test(word))
      return { problem: `jq ${word} is not known to be read-only` };
  }
  const [script = "", ...files] = plain;
  return isPlainJq(script) ? readsPaths(files, true) : { problem: "the jq program may read other files" };
}

/** Lists an archive. A colon would name another computer. */
function parseTar(words: readonly string[]): ReaderUse {
  const [letters = "", file = "", ...rest] = words;
  return /^-?[tvzjJ]*f$/.test(letters) && letters.includes("t") && rest.length === 0 && !/^-|:/.test(file)
    ? readsPaths([file])
    : { problem: "tar may write files" };
}

function parseTest(words: readonly string[], name: string): ReaderUse {
  const inner = name === "[" && words.at(-1) === "]" ? words.slice(0, -1) : name === "test" ? words : [];
  return inner.length === 2 && /^-[fdersxLhw]$/.test(inner[0] ?? "")
    ? readsPaths(inner.slice(1))
    : { problem: `${name} may evaluate its arguments` };
}
