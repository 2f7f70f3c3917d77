/** Interprets the table of read-only programs: which paths a command reads, or why it may do more than read. */
import { getBaseName } from "./program-tables.ts";
import {
  FIND_FLAGS,
  FIND_TESTS,
  GIT_READERS,
  isPlainAwk,
  isPlainSed,
  READERS,
  type Reader,
  VERSIONED_PROGRAMS,
} from "./reader-tables.ts";

/** `paths` are the words that may name files. `problem`: the program or an option is not known as read-only. */
export type ReaderUse = { paths: string[] } | { problem: string };

export function isKnownReader(words: readonly string[]): boolean {
  const name = words[0] ?? "";
  return name === "git"
    ? Object.hasOwn(GIT_READERS, getGitArguments(words)[0] ?? "")
    : name === "find" || name === "sed" || name === "cd" || Object.hasOwn(READERS, name);
}

export function parseReaderUse(words: readonly string[]): ReaderUse {
  const [name = "", ...rest] = words;
  if (
    VERSIONED_PROGRAMS.has(name) &&
    rest.length === 1 &&
    (rest[0] === "--version" || (rest[0] === "version" && name === "go"))
  )
    return { paths: [] };
  if (name === "git") {
    const [verb = "", ...args] = getGitArguments(words);
    if (verb === "stash" && args.join(" ") === "list") return { paths: [] };
    if (verb === "worktree" && args.join(" ") === "list") return { paths: [] };
    return Object.hasOwn(GIT_READERS, verb)
      ? parseByTable(`git ${verb}`, GIT_READERS[verb], args)
      : { problem: `git ${verb} is not known as read-only` };
  }
  if (name === "find") return parseFind(rest);
  if (name === "sed") return parseSed(rest);
  if (name === "awk") return parseAwk(rest);
  if (name === "cd")
    return rest.length === 1 && !rest[0]?.startsWith("-") && rest[0] !== ""
      ? { paths: rest }
      : { problem: "cd takes one folder" };
  if (name === "test" || name === "[") return parseTest(name, rest);
  if (name === "command")
    return rest.length === 2 && rest[0] === "-v" ? { paths: [] } : { problem: "command runs a program" };
  if (name === "date")
    return rest.every((word) => /^(\+.*|-u|--utc|-I\w*|-R)$/.test(word))
      ? { paths: [] }
      : { problem: "date may set the clock" };
  if (name === "printf" && rest[0]?.startsWith("-") === true && rest[0] !== "--")
    return { problem: "printf takes no option here" };
  if (!Object.hasOwn(READERS, name)) return { problem: `${getBaseName(name)} is not known as read-only` };
  return parseByTable(name, READERS[name], rest);
}

/** The words after `git`, without `--no-pager`. */
function getGitArguments(words: readonly string[]): string[] {
  return words.slice(words[1] === "--no-pager" ? 2 : 1);
}

function parseByTable(name: string, reader: Reader | undefined, words: readonly string[]): ReaderUse {
  const {
    letters = "",
    values = "",
    long = "",
    text = 0,
    digits = false,
    operands = Number.POSITIVE_INFINITY,
  } = reader ?? {};
  if (name === "echo" || name === "true" || name === "false") return { paths: [] };
  const longNames = new Set(long.split(" "));
  const paths: string[] = [];
  const plain: string[] = [];
  let pattern = false;
  let ended = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (ended || word === "-" || !word.startsWith("-")) plain.push(word);
    else if (word === "--") ended = true;
    else if (word.startsWith("--")) {
      const [option = "", value] = word.slice(2).split(/=(.*)/s);
      if (!longNames.has(option)) return { problem: `${name} --${option} is not known as read-only` };
      if (option === "regexp") pattern = true;
      if (value !== undefined) paths.push(value);
    } else if (!(digits && /^-\d+$/.test(word))) {
      for (let letter = 1; letter < word.length; letter += 1) {
        const char = word.charAt(letter);
        if (letters.includes(char)) continue;
        if (!values.includes(char)) return { problem: `${name} -${char} is not known as read-only` };
        const value = letter + 1 < word.length ? word.slice(letter + 1) : words[++at];
        if (value === undefined || (letter + 1 >= word.length && value.startsWith("-")))
          return { problem: `${name} -${char} needs a value` };
        if (char === "e") pattern = true;
        else if (!"SGkdtFIs".includes(char)) paths.push(value);
        break;
      }
    }
  }
  if (plain.length > operands) return { problem: `${name} may write to its last operand` };
  const skip = text === "all" ? plain.length : pattern ? 0 : text;
  return { paths: [...paths, ...plain.slice(skip)] };
}

function parseFind(words: readonly string[]): ReaderUse {
  const paths: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (FIND_TESTS.has(word)) at += 1;
    else if (word === "-newer" || word === "-samefile") paths.push(words[++at] ?? "");
    else if (FIND_FLAGS.has(word) || word === "!" || word === "(" || word === ")") continue;
    else if (word.startsWith("-")) return { problem: `find ${word} is not known as read-only` };
    else paths.push(word);
  }
  return { paths };
}

function parseSed(words: readonly string[]): ReaderUse {
  const scripts: string[] = [];
  const plain: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "-e") scripts.push(words[++at] ?? "");
    else if (/^(-[nErsuz]+|--quiet|--silent|--regexp-extended|--expression=.*)$/s.test(word)) {
      if (word.startsWith("--expression=")) scripts.push(word.slice(13));
    } else if (word.startsWith("-")) return { problem: `sed ${word} is not known as read-only` };
    else plain.push(word);
  }
  if (scripts.length === 0) scripts.push(plain.shift() ?? "");
  return scripts.every((script) => isPlainSed(script))
    ? { paths: plain }
    : { problem: "the sed script may write a file or run a program" };
}

function parseAwk(words: readonly string[]): ReaderUse {
  const args = words[0] === "-F" ? words.slice(2) : /^-F[^-]/.test(words[0] ?? "") ? words.slice(1) : words;
  const [script = "", ...files] = args;
  return isPlainAwk(script) && !files.some((file) => file.startsWith("-") || file.includes("="))
    ? { paths: files }
    : { problem: "the awk script may write a file or run a program" };
}

function parseTest(name: string, words: readonly string[]): ReaderUse {
  const inner = name === "[" && words.at(-1) === "]" ? words.slice(0, -1) : name === "test" ? words : [];
  return inner.length === 2 && /^-[fdersxLhw]$/.test(inner[0] ?? "")
    ? { paths: inner.slice(1) }
    : { problem: `${name} may evaluate its arguments` };
}
