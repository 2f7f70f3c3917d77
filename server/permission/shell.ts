/**
 * Parses a command line into plain parts, or as opaque: only words, quotes, `&& || ; |` and newlines can be checked part by part, and,
 * if the whole line reads, also `if`, `for` over known words, quoted here-documents, and variables that are printed.
 * Anything else makes the line opaque: it is checked as a whole, because what it will run cannot be determined.
 */
import type { Command, CompoundList, HereDoc, PipelineNode, Redirect, Statement, SyntaxNode, Word } from "unbash";
import { type PlainWord, parseWord } from "./shell-words.ts";

export interface CommandPart {
  /** The source text. */
  text: string;
  words: string[];
  /** For each word, the text before its first wildcard, or null. */
  globs: (string | null)[];
  /** Files named by `<` and by `>`; /dev/null is not counted. */
  reads: string[];
  writes: string[];
  /** Its standard input is the output of this part. */
  input: CommandPart | null;
  /** Set if the part can only be judged if the whole line reads: why. */
  readersOnly: string | null;
}

export interface LineContents {
  /** The words of every command anywhere in the line; null for an unknown word. */
  commands: (string | null)[][];
  /** Every known word, and the literal prefix of every other. */
  words: string[];
  /** The source text of every unknown word. */
  unknownWords: string[];
  /** Variables that are read but never set in the line, or set to the output of a command and not only printed. */
  variables: string[];
  /** Words that name a file to write by the output of a command. */
  computedTargets: string[];
}

export type CommandLine =
  | { kind: "plain"; parts: CommandPart[]; found: LineContents }
  /** `capped`: too long to check. `found` is null if it could not be parsed. */
  | { kind: "opaque"; reason: string; capped: boolean; found: LineContents | null };

export type Syntax = Pick<typeof import("unbash"), "parse" | "forEachChild">;

const MAX_BYTES = 64 * 1024;
const MAX_COMMANDS = 500;
/** Control characters except tab and newline, blanks except space, direction and zero-width marks, tags, lone surrogates. */
const INVISIBLE_CHARACTERS =
  /(?![\t\n])\p{Cc}|(?! )\p{Zs}|\p{Zl}|\p{Zp}|\p{Cf}|\p{Cs}|\p{Co}|\p{Default_Ignorable_Code_Point}/u;
const RESERVED_WORDS = new Set(
  "if then else elif fi for while until do done case esac in select function time coproc { } ! [[ ]]".split(" "),
);

export function parseCommandLine(command: string, syntax: Syntax): CommandLine {
  if (command.length > MAX_BYTES || new TextEncoder().encode(command).length > MAX_BYTES)
    return { kind: "opaque", reason: "it is longer than 64 KiB", capped: true, found: null };
  if (INVISIBLE_CHARACTERS.test(command)) return opaque("it contains invisible characters or invalid text");
  const script = syntax.parse(command);
  if (script.errors !== undefined && script.errors.length > 0) return opaque("it is not a complete command line");
  const found = collectContents(script, syntax);
  if (found === null) return opaque("part of it cannot be parsed");
  if (found.commands.length > MAX_COMMANDS)
    return { kind: "opaque", reason: `it has more than ${MAX_COMMANDS} commands`, capped: true, found: null };
  const reader: PartReader = {
    source: command,
    parts: [],
    spans: [],
    commands: 0,
    compound: false,
    bindings: new Map(),
  };
  for (const statement of script.commands) {
    const reason = addStatement(statement, reader);
    if (reason !== null) return { kind: "opaque", reason, capped: false, found };
  }
  const { parts } = reader;
  if (parts.length === 0) return opaque("it contains no command");
  // Each command of the tree must have been read once, with only separators between the words.
  return reader.commands === found.commands.length && hasOnlySeparators(reader)
    ? { kind: "plain", parts, found }
    : { kind: "opaque", reason: "its parts cannot be separated", capped: false, found };
}

type Span = Pick<Word, "pos" | "end">;

interface PartReader {
  source: string;
  parts: CommandPart[];
  spans: Span[];
  commands: number;
  /** True if the line has `if` or `for`. */
  compound: boolean;
  /** The words that a loop assigns to its variable. */
  bindings: Map<string, readonly PlainWord[]>;
}

function hasOnlySeparators({ source, spans, compound }: PartReader): boolean {
  const sorted = spans.toSorted((a, b) => a.pos - b.pos);
  const gaps = [...sorted, { pos: source.length, end: 0 }].map(({ pos }, at) =>
    source.slice(sorted[at - 1]?.end ?? 0, pos),
  );
  const separators = compound ? COMPOUND_SEPARATORS : SEPARATORS;
  return gaps.every((gap) => separators.test(gap));
}

const SEPARATORS = /^(?:[ \t\n]|\\\n|&&|\|\|?|;|#[^\n]*)*$/;
const COMPOUND_SEPARATORS = /^(?:[ \t\n]|&&|\|\|?|;|(?<=^|[\s;])(?:for|in|do|done|if|then|elif|else|fi)(?=[\s;]|$))*$/;

function opaque(reason: string): CommandLine {
  return { kind: "opaque", reason, capped: false, found: null };
}

/** Adds the parts of a statement; returns the reason if it contains more than plain commands. */
function addStatement(statement: Statement, reader: PartReader): string | null {
  if (statement.background) return "it starts something in the background";
  const top = statement.command;
  for (const node of top.type === "AndOr" ? top.commands : [top]) {
    if (node.type === "Pipeline") {
      if (node.prefixes.length > 0) return "it uses ! or time";
      if (node.operators.some((operator) => operator !== "|")) return "it uses |&";
    }
    let input: CommandPart | null = null;
    for (const command of node.type === "Pipeline" ? node.commands : [node]) {
      const reason = node.type === "Pipeline" ? null : addCompound(command, reader);
      if (typeof reason === "string") return reason;
      if (reason === true) continue;
      if (command.type !== "Command") return "it contains more than plain commands";
      const problem = addCommand(command, input, reader);
      if (problem !== null) return problem;
      // Error messages in a pipe are text that the line does not show.
      input = mergesErrors(command) ? null : (reader.parts.at(-1) ?? null);
    }
  }
  return null;
}

const mergesErrors = ({ suffix }: Command): boolean =>
  suffix.some((item) => item.type === "Redirect" && item.operator === ">&");

/** Its own input replaces that of the pipe. */
const hasOwnInput = ({ suffix }: Command): boolean =>
  suffix.some((item) => item.type === "HereDoc" || (item.type === "Redirect" && item.operator.startsWith("<")));

const MAX_LOOP_WORDS = 20;

/** Reads `if` and `for`: true if it was one of them, or the reason why it cannot be checked. */
function addCompound(node: PipelineNode, reader: PartReader): true | string | null {
  if (node.type === "If") {
    reader.compound = true;
    const lists = [node.clause, node.then, ...node.elif.flatMap((part) => [part.clause, part.then]), node.else];
    return addLists(lists, reader) ?? true;
  }
  if (node.type !== "For") return null;
  const words = node.wordlist?.map(parsePlainWord) ?? [];
  const isKnown = words.every((word): word is PlainWord => word !== null && word.value !== "");
  if (!isKnown || words.length === 0 || words.length > MAX_LOOP_WORDS || !/^[a-z_]\w*$/.test(node.name.text))
    return "it loops over unknown values";
  reader.compound = true;
  reader.spans.push(node.name, ...(node.wordlist ?? []));
  const outer = reader.bindings;
  reader.bindings = new Map([...outer, [node.name.text, words]]);
  const reason = addLists([node.body], reader);
  reader.bindings = outer;
  return reason ?? true;
}

function addLists(lists: readonly (CompoundList | undefined)[], reader: PartReader): string | null {
  for (const statement of lists.flatMap((list) => list?.commands ?? [])) {
    const reason = addStatement(statement, reader);
    if (reason !== null) return reason;
  }
  return null;
}

/** Adds a command: once, or in a loop once for each value of its variable. */
function addCommand(command: Command, input: CommandPart | null, reader: PartReader): string | null {
  reader.commands += 1;
  const used = [...reader.bindings].filter(([name]) =>
    command.suffix.some((item) => item.type === "Word" && isVariable(item.text, name)),
  );
  if (used.length > 1) return "it uses the variables of several loops";
  const [[name = "", values = [] as readonly PlainWord[]] = []] = used;
  for (const value of used.length === 0 ? [null] : values) {
    const part = parsePart(command, reader, value === null ? null : { name, value });
    if (typeof part === "string") return part;
    if (reader.bindings.size > 0 && part.words[0] === "cd") return "it changes the folder in a loop";
    if (reader.parts.push({ ...part, input: hasOwnInput(command) ? null : input }) > MAX_COMMANDS)
      return "it has too many commands";
  }
  reader.spans.push(...[command.name, ...command.suffix].filter((item) => item !== undefined));
  return null;
}

const isVariable = (text: string, name: string): boolean =>
  [`$${name}`, `"$${name}"`, `\${${name}}`, `"\${${name}}"`].includes(text);

interface Binding {
  name: string;
  value: PlainWord;
}

function parsePart(command: Command, reader: PartReader, binding: Binding | null): CommandPart | string {
  if (command.name === undefined || command.prefix.length > 0) return "it sets a variable or starts with a redirection";
  const part: CommandPart = {
    text: reader.source.slice(command.pos, command.end),
    words: [],
    globs: [],
    reads: [],
    writes: [],
    input: null,
    readersOnly: reader.compound ? "it contains more than plain commands" : null,
  };
  for (const item of [command.name, ...command.suffix]) {
    if (item.type === "Redirect") {
      const reason = addRedirect(item, part);
      if (reason !== null) return reason;
    } else if (item.type === "HereDoc") {
      if (!addHereDocument(item, reader)) return "it passes text to a command";
      part.readersOnly ??= "it passes text to a command";
    } else if (item.type === "Word") {
      const word = parsePlainWord(item) ?? parseVariable(item, part, binding);
      if (word === null) return "it uses an expansion, a substitution or a brace list";
      part.words.push(word.value);
      part.globs.push(word.glob);
    } else return "it sets a variable or feeds text to a command";
  }
  if (part.globs[0] !== null) return "the name of a program is a pattern";
  if (part.words[0] === "" || RESERVED_WORDS.has(command.name.text)) return "it contains more than plain commands";
  return part;
}

/** A word without effects: plain characters, and variables that stand for their value. Only programs that print may get it. */
const VARIABLE_WORD =
  /^(?:[\w./:,@%+-]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|"(?:[\w ./:,@%+()='-]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*")+$/;

/** The value of a loop's variable, or a word with variables for a program that only prints it. */
function parseVariable(word: Word, part: CommandPart, binding: Binding | null): PlainWord | null {
  if (part.words.length === 0) return null;
  if (binding !== null && isVariable(word.text, binding.name)) {
    const { value, glob } = binding.value;
    // Without quotes, the shell splits the value into words again.
    return word.text.startsWith('"') || (glob === null && /^[\w./:=@%+,-]+$/.test(value)) ? binding.value : null;
  }
  const prints = part.words[0] === "echo" || (part.words[0] === "printf" && part.words.length > 1);
  if (!prints || !VARIABLE_WORD.test(word.text) || word.text !== word.text.trim()) return null;
  part.readersOnly ??= "it uses a variable";
  return { value: word.text, glob: null };
}

/** A here-document without expansions, which ends at the first line that is its delimiter. */
function addHereDocument(document: HereDoc, { source, spans }: PartReader): boolean {
  const { operator, descriptor, delimiter, body, closing } = document;
  if (operator !== "<<" || descriptor !== undefined || delimiter === undefined || closing === undefined) return false;
  const { text, value } = delimiter;
  if (!/^[A-Za-z_]\w*$/.test(value) || (text !== `'${value}'` && text !== `"${value}"`)) return false;
  const lines = source.slice(body.pos, body.end).split("\n");
  const ends = source.slice(closing.pos, closing.end) === value && /^(\n|$)/.test(source.slice(closing.end));
  if (!ends || source[body.pos - 1] !== "\n" || lines.pop() !== "" || lines.includes(value)) return false;
  spans.push({ pos: body.pos, end: closing.end });
  return true;
}

/** Both parsers must return the same text, and neither an expansion. */
function parsePlainWord(word: Word): PlainWord | null {
  const parsed = parseWord(word.text);
  return parsed !== null && parsed.value === word.value && (word.parts ?? []).every(isLiteral) ? parsed : null;
}

function isLiteral(part: NonNullable<Word["parts"]>[number]): boolean {
  if (part.type === "DoubleQuoted") return part.parts.every((child) => child.type === "Literal");
  return part.type === "Literal" || part.type === "SingleQuoted" || part.type === "Glob";
}

function addRedirect(redirect: Redirect, part: CommandPart): string | null {
  const from = redirect.descriptor;
  const target = redirect.target === undefined ? null : parsePlainWord(redirect.target);
  if (target === null || target.glob !== null || (from !== undefined && from.type !== "FileDescriptor"))
    return "it redirects to a target that is not plain text";
  const number = from?.value;
  switch (redirect.operator) {
    case ">&":
      return (target.value === "1" || target.value === "2") && (number ?? 1) <= 2 ? null : "it redirects a stream";
    case "<":
      if ((number ?? 0) !== 0) return "it redirects a stream";
      part.reads.push(target.value);
      return null;
    case ">":
    case ">>":
      if ((number ?? 1) < 1 || (number ?? 1) > 2) return "it redirects a stream";
      if (target.value !== "/dev/null") part.writes.push(target.value);
      return null;
    default:
      return "it redirects a stream";
  }
}

/** Walks the whole tree, including substitutions. Null if a nested script has errors. */
function collectContents(script: SyntaxNode, syntax: Syntax): LineContents | null {
  const found: LineContents = { commands: [], words: [], unknownWords: [], variables: [], computedTargets: [] };
  const assigned = new Set<string>();
  /** Variables with the output of a command. */
  const computed = new Set<string>();
  const used: { name: string; printed: boolean }[] = [];
  let printed = false;
  let broken = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Script" && node.errors !== undefined && node.errors.length > 0) broken = true;
    if (node.type === "Command") found.commands.push(listWords(node));
    if (node.type === "Word") {
      found.words.push(getKnownValue(node) ?? getLiteralPrefix(node));
      if (getKnownValue(node) === null) found.unknownWords.push(node.text);
    }
    if (node.type === "Assignment") (isComputed(node.text) ? computed : assigned).add(node.name);
    if (node.type === "For")
      (node.wordlist?.some(({ text }) => isComputed(text)) ? computed : assigned).add(node.name.value);
    if (node.type === "SimpleExpansion") used.push({ name: node.text.slice(1), printed });
    if (node.type === "ParameterExpansion") used.push({ name: node.parameter, printed });
    found.computedTargets.push(
      ...listTargets(node)
        .filter(({ text }) => isComputed(text))
        .map(({ text }) => text),
    );
    const outer = printed;
    if (node.type === "Command") printed = /^(echo|printf)$/.test(node.name?.value ?? "");
    syntax.forEachChild(node, visit);
    printed = outer;
  };
  syntax.forEachChild(script, visit);
  if (broken) return null;
  // A value that is only printed need not be known.
  found.variables = used
    .filter(({ name, printed: isPrinted }) => !assigned.has(name) && !(isPrinted && computed.has(name)))
    .map(({ name }) => name);
  return found;
}

/** The words of a node that name files to write. */
function listTargets(node: SyntaxNode): Word[] {
  if (node.type === "Redirect") return node.target === undefined ? [] : [node.target];
  const writes =
    node.type === "Command" && /^(cp|mv|ln|install|tee|touch|dd|sed|truncate)$/.test(node.name?.value ?? "");
  return writes ? node.suffix.filter((item) => item.type === "Word") : [];
}

const isComputed = (text: string): boolean => /\$\(|`|<\(/.test(text);

function listWords(command: Command): (string | null)[] {
  if (command.name === undefined) return [null];
  return [command.name, ...command.suffix].flatMap((item) => (item.type === "Word" ? [getKnownValue(item)] : []));
}

/** The value of a word without expansions; $'…' counts, because the parser has resolved it. */
function getKnownValue(word: Word): string | null {
  const isKnown = (word.parts ?? []).every((part) => isLiteral(part) || part.type === "AnsiCQuoted");
  return isKnown && !(word.parts ?? []).some((part) => part.type === "Glob") ? word.value : null;
}

function getLiteralPrefix(word: Word): string {
  return /^[^$`*?[{(<>]*/.exec(word.text)?.[0].replace(/["'\\]/g, "") ?? "";
}
