/**
 * Changes one value of a configuration file and nothing else: comments and layout stay, the result is checked before it is
 * written, and the file is replaced whole, so that nobody ever reads half of it.
 */
import { lstat, readFile, realpath } from "node:fs/promises";
import { applyEdits, createScanner, findNodeAtLocation, modify, type ParseError, parseTree } from "jsonc-parser";
import { TuttiError } from "../../protocol/errors.ts";
import { readConfig } from "./read.ts";
import { replaceFile } from "./replace.ts";

/** `text` is JSON where it can be read so, else a text: `true`, `["a"]` and `dark` all mean what they seem. */
export async function setConfig(file: string, key: string, text: string): Promise<void> {
  await change(file, key, readValue(text));
}

export async function unsetConfig(file: string, key: string): Promise<void> {
  await change(file, key, undefined);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

const keyShape = /^(?:"(?:[^"\\]|\\.)*"|[^."]+)(?:\.(?:"(?:[^"\\]|\\.)*"|[^."]+))*$/;

/** `providers."my.host".baseUrl` → its three names. */
export function keyPath(key: string): string[] {
  if (!keyShape.test(key))
    throw new TuttiError(
      "usage",
      `"${key}" is not a key; write names with dots between them, such as permissions.mode.`,
    );
  return [...key.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g)].map((found) => found[1] ?? found[2] ?? "");
}

async function change(file: string, key: string, value: unknown): Promise<void> {
  const path = keyPath(key);
  const target = await followed(file);
  const found = await textOf(target);
  if (value === undefined && found.trim() === "") return;
  const before = found.trim() === "" ? "{}\n" : found;
  const errors: ParseError[] = [];
  parseTree(before, errors, { allowTrailingComma: true });
  const known = readConfig(before, file).problems;
  if (errors.length > 0 && known[0] !== undefined)
    throw new TuttiError("config", `${file}:${known[0].line}:${known[0].column} cannot be read; mend it first.`);
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: before.includes("\r\n") ? "\r\n" : "\n" };
  const after =
    value === undefined
      ? without(before, path)
      : applyEdits(before, modify(before, path, value, { formattingOptions }));
  const old = new Set(known.map((problem) => problem.message));
  const wrong = readConfig(after, file).problems.find((problem) => !old.has(problem.message));
  if (wrong !== undefined) throw new TuttiError("config", `Nothing was changed: ${wrong.message}`);
  if (after !== found) await replaceFile(target, after);
}

/** Takes out one property with its comma; the comments around it stay. */
function without(text: string, path: string[]): string {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const property = tree === undefined ? undefined : findNodeAtLocation(tree, path)?.parent;
  if (property?.type !== "property") return text;
  const start = property.offset;
  const end = start + property.length;
  const commas = tokens(text).filter((token) => token.kind === comma);
  const next = tokens(text).find((token) => token.offset >= end && (token.kind === comma || token.kind === closing));
  const own = next?.kind === comma ? next : commas.findLast((token) => token.offset < start);
  const cuts = [{ from: start, to: end }];
  const inParent = own !== undefined && own.offset > (property.parent?.offset ?? 0);
  if (inParent) cuts.push({ from: own.offset, to: own.offset + 1 });
  const rest = cuts
    .toSorted((a, b) => b.from - a.from)
    .reduce((left, cut) => left.slice(0, cut.from) + left.slice(cut.to), text);
  const at = Math.min(...cuts.map((cut) => cut.from)) === start ? start : start - 1;
  const line = { from: rest.lastIndexOf("\n", at - 1), to: rest.indexOf("\n", at) };
  const empty = line.from >= 0 && line.to >= 0 && rest.slice(line.from, line.to).trim() === "";
  return empty ? rest.slice(0, line.from) + rest.slice(line.to) : rest;
}

/** Kinds of tokens, as the scanner counts them. */
const comma = 5;
const closing = 2;
const textEnd = 17;

function tokens(text: string): { kind: number; offset: number }[] {
  const scanner = createScanner(text, true);
  const found: { kind: number; offset: number }[] = [];
  for (let kind: number = scanner.scan(); kind !== textEnd; kind = scanner.scan())
    found.push({ kind, offset: scanner.getTokenOffset() });
  return found;
}

/** A link to a file elsewhere stays a link: what it leads to is replaced. */
async function followed(file: string): Promise<string> {
  try {
    return (await lstat(file)).isSymbolicLink() ? await realpath(file) : file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
    throw error;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
