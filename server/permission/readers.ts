/** Reads the table of programs that only read: what may these words look at, or what keeps them from only reading? */
import { baseName } from "./programs.ts";
import {
  findFlags,
  findTests,
  gitReaders,
  isPlainAwk,
  isPlainSed,
  type Reader,
  readers,
  versions,
} from "./reader-tables.ts";

/** `paths` are the words that may name files. Null where the program is not listed or a word is not among what it may be given. */
export type Reading = { paths: string[] } | { problem: string };

export function isListed(words: readonly string[]): boolean {
  const name = words[0] ?? "";
  return name === "git"
    ? Object.hasOwn(gitReaders, gitWords(words)[0] ?? "")
    : name === "find" || name === "sed" || name === "cd" || Object.hasOwn(readers, name);
}

/** What a program that only reads may look at, or what keeps these words from being only that. */
export function reading(words: readonly string[]): Reading {
  const [name = "", ...rest] = words;
  if (versions.has(name) && rest.length === 1 && (rest[0] === "--version" || (rest[0] === "version" && name === "go")))
    return { paths: [] };
  if (name === "git") {
    const [verb = "", ...given] = gitWords(words);
    if (verb === "stash" && given.join(" ") === "list") return { paths: [] };
    if (verb === "worktree" && given.join(" ") === "list") return { paths: [] };
    return Object.hasOwn(gitReaders, verb)
      ? byTable(`git ${verb}`, gitReaders[verb], given)
      : { problem: `git ${verb} is not among the commands that only read` };
  }
  if (name === "find") return readFind(rest);
  if (name === "sed") return readSed(rest);
  if (name === "awk") return readAwk(rest);
  if (name === "cd")
    return rest.length === 1 && !rest[0]?.startsWith("-") && rest[0] !== ""
      ? { paths: rest }
      : { problem: "cd needs one folder" };
  if (name === "test" || name === "[") return readTest(name, rest);
  if (name === "command")
    return rest.length === 2 && rest[0] === "-v" ? { paths: [] } : { problem: "command runs a program" };
  if (name === "date")
    return rest.every((word) => /^(\+.*|-u|--utc|-I\w*|-R)$/.test(word))
      ? { paths: [] }
      : { problem: "date may set the clock" };
  if (name === "printf" && rest[0]?.startsWith("-") === true && rest[0] !== "--")
    return { problem: "printf takes no option here" };
  if (!Object.hasOwn(readers, name)) return { problem: `${baseName(name)} is not among the programs that only read` };
  return byTable(name, readers[name], rest);
}

/** The words behind `git`, without `--no-pager`. */
function gitWords(words: readonly string[]): string[] {
  return words.slice(words[1] === "--no-pager" ? 2 : 1);
}

function byTable(name: string, reader: Reader | undefined, words: readonly string[]): Reading {
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
      if (!longNames.has(option)) return { problem: `${name} --${option} is not among the options that only read` };
      if (option === "regexp") pattern = true;
      if (value !== undefined) paths.push(value);
    } else if (!(digits && /^-\d+$/.test(word))) {
      for (let letter = 1; letter < word.length; letter += 1) {
        const char = word.charAt(letter);
        if (letters.includes(char)) continue;
        if (!values.includes(char)) return { problem: `${name} -${char} is not among the options that only read` };
        const value = letter + 1 < word.length ? word.slice(letter + 1) : words[++at];
        if (value === undefined || (letter + 1 >= word.length && value.startsWith("-")))
          return { problem: `${name} -${char} needs a value` };
        if (char === "e") pattern = true;
        else if (!"SGkdtFIs".includes(char)) paths.push(value);
        break;
      }
    }
  }
  if (plain.length > operands) return { problem: `${name} may write to what its last word names` };
  const skip = text === "all" ? plain.length : pattern ? 0 : text;
  return { paths: [...paths, ...plain.slice(skip)] };
}

function readFind(words: readonly string[]): Reading {
  const paths: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (findTests.has(word)) at += 1;
    else if (word === "-newer" || word === "-samefile") paths.push(words[++at] ?? "");
    else if (findFlags.has(word) || word === "!" || word === "(" || word === ")") continue;
    else if (word.startsWith("-")) return { problem: `find ${word} is not among the tests that only read` };
    else paths.push(word);
  }
  return { paths };
}

function readSed(words: readonly string[]): Reading {
  const scripts: string[] = [];
  const plain: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "-e") scripts.push(words[++at] ?? "");
    else if (/^(-[nErsuz]+|--quiet|--silent|--regexp-extended|--expression=.*)$/s.test(word)) {
      if (word.startsWith("--expression=")) scripts.push(word.slice(13));
    } else if (word.startsWith("-")) return { problem: `sed ${word} is not among the options that only read` };
    else plain.push(word);
  }
  if (scripts.length === 0) scripts.push(plain.shift() ?? "");
  return scripts.every((script) => isPlainSed(script))
    ? { paths: plain }
    : { problem: "the sed script may write a file or run a program" };
}

function readAwk(words: readonly string[]): Reading {
  const given = words[0] === "-F" ? words.slice(2) : /^-F[^-]/.test(words[0] ?? "") ? words.slice(1) : words;
  const [script = "", ...files] = given;
  return isPlainAwk(script) && !files.some((file) => file.startsWith("-") || file.includes("="))
    ? { paths: files }
    : { problem: "the awk script may write a file or run a program" };
}

function readTest(name: string, words: readonly string[]): Reading {
  const inner = name === "[" && words.at(-1) === "]" ? words.slice(0, -1) : name === "test" ? words : [];
  return inner.length === 2 && /^-[fdersxLhw]$/.test(inner[0] ?? "")
    ? { paths: inner.slice(1) }
    : { problem: `${name} may evaluate what it is given` };
}
