/**
 * A command line as its parts, or as opaque: only words, quotes, `&& || ; |` and newlines can be judged part by part.
 * Whatever else stands in it makes the whole line something that is judged as one, because nobody can say what it will run.
 */
import type { Command, Redirect, Statement, SyntaxNode, Word } from "unbash";
import { type PlainWord, readWord } from "./words.ts";

export interface Part {
  /** The part as written. */
  text: string;
  words: string[];
  /** For each word the text before its first wildcard, or null. */
  globs: (string | null)[];
  /** Files named by `<` and by `>`; /dev/null is not counted. */
  reads: string[];
  writes: string[];
}

export interface Found {
  /** Words of every command anywhere in the line, as far as they are known; null stands for an unknown word. */
  commands: (string | null)[][];
  /** Every word that is known, and the known beginning of every other. */
  words: string[];
  /** The text of every word that is not known. */
  unsure: string[];
  /** Variables that are read but never set in the line. */
  variables: string[];
}

export type Line =
  | { kind: "plain"; parts: Part[] }
  /** `capped`: too long to be looked at. `found` is null where it could not be read at all. */
  | { kind: "opaque"; why: string; capped: boolean; found: Found | null };

export type Syntax = Pick<typeof import("unbash"), "parse" | "forEachChild">;

const maxBytes = 64 * 1024;
const maxCommands = 500;
/** Control characters but tab and newline, blanks but space, direction and zero-width marks, tags, halves of a surrogate pair. */
const odd = /(?![\t\n])\p{Cc}|(?! )\p{Zs}|\p{Zl}|\p{Zp}|\p{Cf}|\p{Cs}|\p{Co}|\p{Default_Ignorable_Code_Point}/u;
const reserved = new Set(
  "if then else elif fi for while until do done case esac in select function time coproc { } ! [[ ]]".split(" "),
);

export function readLine(command: string, syntax: Syntax): Line {
  if (command.length > maxBytes || new TextEncoder().encode(command).length > maxBytes)
    return { kind: "opaque", why: "it is longer than 64 KiB", capped: true, found: null };
  if (odd.test(command)) return opaque("it holds characters that cannot be seen or are not text");
  const script = syntax.parse(command);
  if (script.errors !== undefined && script.errors.length > 0) return opaque("it is not a complete command line");
  const found = collect(script, syntax);
  if (found === null) return opaque("part of it cannot be read");
  if (found.commands.length > maxCommands)
    return { kind: "opaque", why: `it has more than ${maxCommands} commands`, capped: true, found: null };
  const parts: Part[] = [];
  const spans: Span[] = [];
  for (const statement of script.commands) {
    const why = addStatement(command, statement, parts, spans);
    if (why !== null) return { kind: "opaque", why, capped: false, found };
  }
  if (parts.length === 0) return opaque("there is no command in it");
  // Each command of the tree must have become exactly one part, and nothing may lie between the words but what joins them.
  return parts.length === found.commands.length && onlyJoints(command, spans)
    ? { kind: "plain", parts }
    : { kind: "opaque", why: "its parts cannot be told apart", capped: false, found };
}

type Span = Pick<Word, "pos" | "end">;

function onlyJoints(source: string, spans: readonly Span[]): boolean {
  const sorted = spans.toSorted((a, b) => a.pos - b.pos);
  const gaps = [...sorted, { pos: source.length, end: 0 }].map(({ pos }, at) =>
    source.slice(sorted[at - 1]?.end ?? 0, pos),
  );
  return gaps.every((gap) => /^(?:[ \t\n]|\\\n|&&|\|\|?|;|#[^\n]*)*$/.test(gap));
}

function opaque(why: string): Line {
  return { kind: "opaque", why, capped: false, found: null };
}

/** Adds the parts of a statement, or says why it is more than plain commands. */
function addStatement(source: string, statement: Statement, parts: Part[], spans: Span[]): string | null {
  if (statement.background) return "it starts something in the background";
  const top = statement.command;
  for (const node of top.type === "AndOr" ? top.commands : [top]) {
    if (node.type === "Pipeline") {
      if (node.prefixes.length > 0) return "it uses ! or time";
      if (node.operators.some((operator) => operator !== "|")) return "it uses |&";
    }
    for (const command of node.type === "Pipeline" ? node.commands : [node]) {
      if (command.type !== "Command") return "it is more than plain commands";
      const part = readPart(source, command);
      if (typeof part === "string") return part;
      parts.push(part);
      spans.push(...[command.name, ...command.suffix].filter((item) => item !== undefined));
    }
  }
  return null;
}

function readPart(source: string, command: Command): Part | string {
  if (command.name === undefined || command.prefix.length > 0) return "it sets a variable or starts with a redirection";
  const part: Part = { text: source.slice(command.pos, command.end), words: [], globs: [], reads: [], writes: [] };
  for (const item of [command.name, ...command.suffix]) {
    if (item.type === "Redirect") {
      const why = addRedirect(item, part);
      if (why !== null) return why;
    } else if (item.type === "Word") {
      const word = plain(item);
      if (word === null) return "it uses an expansion, a substitution or a brace list";
      part.words.push(word.value);
      part.globs.push(word.glob);
    } else return "it sets a variable or feeds text to a command";
  }
  if (part.globs[0] !== null) return "the name of a program is a pattern";
  if (part.words[0] === "" || reserved.has(command.name.text)) return "it is more than plain commands";
  return part;
}

/** Both readers must see the same text, and neither an expansion. */
function plain(word: Word): PlainWord | null {
  const own = readWord(word.text);
  return own !== null && own.value === word.value && (word.parts ?? []).every(isText) ? own : null;
}

function isText(part: NonNullable<Word["parts"]>[number]): boolean {
  if (part.type === "DoubleQuoted") return part.parts.every((child) => child.type === "Literal");
  return part.type === "Literal" || part.type === "SingleQuoted" || part.type === "Glob";
}

function addRedirect(redirect: Redirect, part: Part): string | null {
  const from = redirect.descriptor;
  const target = redirect.target === undefined ? null : plain(redirect.target);
  if (target === null || target.glob !== null || (from !== undefined && from.type !== "FileDescriptor"))
    return "it redirects to a place that is not plain text";
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

/** Walks the whole tree, substitutions included. Null where a nested script has errors. */
function collect(script: SyntaxNode, syntax: Syntax): Found | null {
  const found: Found = { commands: [], words: [], unsure: [], variables: [] };
  const set = new Set<string>();
  let broken = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Script" && node.errors !== undefined && node.errors.length > 0) broken = true;
    if (node.type === "Command") found.commands.push(commandWords(node));
    if (node.type === "Command") for (const name of readNames(node)) set.add(name);
    if (node.type === "Word") {
      found.words.push(known(node) ?? beginning(node));
      if (known(node) === null) found.unsure.push(node.text);
    }
    if (node.type === "Assignment") set.add(node.name);
    if (node.type === "For" || node.type === "Select") set.add(node.name.value);
    if (node.type === "SimpleExpansion") found.variables.push(node.text.slice(1));
    if (node.type === "ParameterExpansion") found.variables.push(node.parameter);
    syntax.forEachChild(node, visit);
  };
  syntax.forEachChild(script, visit);
  if (broken) return null;
  found.variables = found.variables.filter((name) => !set.has(name));
  return found;
}

/** Variables that a command such as `read` sets. */
function readNames(command: Command): string[] {
  const sets = ["read", "mapfile", "readarray", "getopts"].includes(command.name?.value ?? "");
  return sets ? command.suffix.flatMap((item) => (item.type === "Word" ? [item.value] : [])) : [];
}

function commandWords(command: Command): (string | null)[] {
  if (command.name === undefined) return [null];
  return [command.name, ...command.suffix].flatMap((item) => (item.type === "Word" ? [known(item)] : []));
}

/** The value of a word without expansions; $'…' counts, because the parser has resolved it. */
function known(word: Word): string | null {
  const sure = (word.parts ?? []).every((part) => isText(part) || part.type === "AnsiCQuoted");
  return sure && !(word.parts ?? []).some((part) => part.type === "Glob") ? word.value : null;
}

function beginning(word: Word): string {
  return /^[^$`*?[{(<>]*/.exec(word.text)?.[0].replace(/["'\\]/g, "") ?? "";
}
