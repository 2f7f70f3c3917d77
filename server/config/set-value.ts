/**
 * Changes one value of a configuration file. Comments and layout are preserved, the result is validated before it is written, and the
 * file is replaced atomically.
 */
import { lstat, readFile, realpath } from "node:fs/promises";
import { applyEdits, createScanner, findNodeAtLocation, modify, type ParseError, parseTree } from "jsonc-parser";
import { TuttiError } from "../../protocol/errors.ts";
import { parseConfig } from "./parse-config-file.ts";
import { replaceFile } from "./replace-file.ts";

/** `text` is parsed as JSON if possible, else used as a string: `true`, `["a"]` and `dark` all work. */
export async function setConfig(file: string, key: string, text: string): Promise<void> {
  await changeConfig(file, key, parseValue(text));
}

export async function unsetConfig(file: string, key: string): Promise<void> {
  await changeConfig(file, key, undefined);
}

export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

const keyShape = /^(?:"(?:[^"\\]|\\.)*"|[^."]+)(?:\.(?:"(?:[^"\\]|\\.)*"|[^."]+))*$/;

/** `providers."my.host".baseUrl` → its three names. */
export function parseKeyPath(key: string): string[] {
  if (!keyShape.test(key))
    throw new TuttiError(
      "usage",
      `"${key}" is not a valid key. Separate names with dots, for example permissions.mode.`,
    );
  return [...key.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g)].map((found) => found[1] ?? found[2] ?? "");
}

async function changeConfig(file: string, key: string, value: unknown): Promise<void> {
  const path = parseKeyPath(key);
  const target = await resolveLink(file);
  const found = await readText(target);
  if (value === undefined && found.trim() === "") return;
  const before = found.trim() === "" ? "{}\n" : found;
  const errors: ParseError[] = [];
  parseTree(before, errors, { allowTrailingComma: true });
  const known = parseConfig(before, file).problems;
  if (errors.length > 0 && known[0] !== undefined)
    throw new TuttiError("config", `${file}:${known[0].line}:${known[0].column} cannot be parsed. Fix it first.`);
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: before.includes("\r\n") ? "\r\n" : "\n" };
  const after =
    value === undefined
      ? removeProperty(before, path)
      : applyEdits(before, modify(before, path, value, { formattingOptions }));
  const old = new Set(known.map((problem) => problem.message));
  const newProblem = parseConfig(after, file).problems.find((problem) => !old.has(problem.message));
  if (newProblem !== undefined) throw new TuttiError("config", `The value was not changed: ${newProblem.message}`);
  if (after !== found) await replaceFile(target, after);
}

/** Removes one property with its comma, and preserves the comments around it. */
function removeProperty(text: string, path: string[]): string {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const property = tree === undefined ? undefined : findNodeAtLocation(tree, path)?.parent;
  if (property?.type !== "property") return text;
  const start = property.offset;
  const end = start + property.length;
  const commas = scanTokens(text).filter((token) => token.kind === comma);
  const next = scanTokens(text).find(
    (token) => token.offset >= end && (token.kind === comma || token.kind === closing),
  );
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

/** Token kinds of jsonc-parser. */
const comma = 5;
const closing = 2;
const textEnd = 17;

function scanTokens(text: string): { kind: number; offset: number }[] {
  const scanner = createScanner(text, true);
  const found: { kind: number; offset: number }[] = [];
  for (let kind: number = scanner.scan(); kind !== textEnd; kind = scanner.scan())
    found.push({ kind, offset: scanner.getTokenOffset() });
  return found;
}

/** Resolves a link to the file that is replaced, so that the link is preserved. */
async function resolveLink(file: string): Promise<string> {
  try {
    return (await lstat(file)).isSymbolicLink() ? await realpath(file) : file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
    throw error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
