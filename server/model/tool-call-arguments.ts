/**
 * Parses the arguments and the name of a tool call, with only such repairs as cannot change their meaning. Nothing is completed:
 * truncated or ambiguous input becomes a problem that is reported to the model. Pure.
 */
import { distance } from "fastest-levenshtein";
import { parseStrictJson } from "./strict-json.ts";

export type ArgumentsResult = { ok: true; input: Record<string, unknown> } | { ok: false; problem: string };

const limit = 10 * 1024 * 1024;

const problem = (text: string): ArgumentsResult => ({ ok: false, problem: text });

function stripFence(text: string): string {
  const inner = /^```[a-z]*[ \t]*\n([\s\S]*?)\n?```$/i.exec(text)?.[1];
  return inner === undefined ? text : inner.trim();
}

function describeKind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

export function parseArguments(raw: string, depth = 0): ArgumentsResult {
  if (raw.length > limit) return problem("The arguments are longer than 10 MB; split the work into smaller calls.");
  const text = stripFence(raw.trim());
  if (text === "") return { ok: true, input: {} };
  const read = parseStrictJson(text);
  if (!read.ok && read.truncated) {
    return problem(
      `The arguments were cut off at position ${read.at}, before the object was closed; send the call again, in smaller pieces if it is long.`,
    );
  }
  if (!read.ok)
    return problem(
      `The arguments are not valid JSON at position ${read.at}: ${read.reason}; send the call again with one JSON object.`,
    );
  if (typeof read.value === "string" && depth < 2 && /^\s*[{"]/.test(read.value))
    return parseArguments(read.value, depth + 1);
  if (typeof read.value !== "object" || read.value === null || Array.isArray(read.value)) {
    return problem(`The arguments must be one JSON object, not ${describeKind(read.value)}; send the call again.`);
  }
  const rest = text.slice(read.end).trim();
  if (rest !== "" && (/[{[]/.test(rest) || Object.keys(read.value).length === 0)) {
    return problem(
      `The arguments hold more than one JSON value, the second at position ${text.indexOf(rest, read.end)}; send one object for each call.`,
    );
  }
  return { ok: true, input: read.value as Record<string, unknown> };
}

const normalizeName = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

function findClosest(name: string, names: readonly string[]): string | null {
  const ranked = names.map((known) => ({
    known,
    far: distance(normalizeName(name.slice(0, 100)), normalizeName(known)),
  }));
  ranked.sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= Math.max(2, best.known.length / 2) ? best.known : null;
}

/** The tool with this name, ignoring case, separators and a `functions.` prefix; null unless exactly one tool matches. */
export function matchToolName(name: string, names: readonly string[]): string | null {
  if (names.includes(name)) return name;
  const bare = name
    .trim()
    .replace(/^functions?[.:]/, "")
    .replace(/:\d+$/, "");
  const alike = names.filter((known) => normalizeName(known) === normalizeName(bare));
  return normalizeName(bare) !== "" && alike.length === 1 ? (alike[0] ?? null) : null;
}

export function describeUnknownTool(name: string, names: readonly string[]): string {
  if (names.length === 0)
    return `No tools are available, so "${name.slice(0, 100)}" cannot be called; respond in text.`;
  if (name.trim() === "") return `The call names no tool; the tools are ${names.slice(0, 40).join(", ")}.`;
  const near = findClosest(name, names);
  const hint = near === null ? "" : `did you mean "${near}"? `;
  return `Unknown tool "${name.slice(0, 100)}"; ${hint}${near === null ? "the" : "The"} tools are ${names.slice(0, 40).join(", ")}.`;
}
