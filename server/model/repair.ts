/**
 * The arguments and the name of a tool call, read with only such repairs as cannot change what was meant. Nothing is invented or
 * completed: what is cut off or ambiguous becomes a problem, in words for the model. Pure.
 */
import { readJson } from "./strict-json.ts";

export type Arguments = { ok: true; input: Record<string, unknown> } | { ok: false; problem: string };

const limit = 10 * 1024 * 1024;

const problem = (text: string): Arguments => ({ ok: false, problem: text });

function unfenced(text: string): string {
  const inner = /^```[a-z]*[ \t]*\n([\s\S]*?)\n?```$/i.exec(text)?.[1];
  return inner === undefined ? text : inner.trim();
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

export function readArguments(raw: string, depth = 0): Arguments {
  if (raw.length > limit) return problem("The arguments are longer than 10 MB; split the work into smaller calls.");
  const text = unfenced(raw.trim());
  if (text === "") return { ok: true, input: {} };
  const read = readJson(text);
  if (!read.ok && read.cut) {
    return problem(
      `The arguments were cut off at position ${read.at}, before the object was closed; send the call again, in smaller pieces if it is long.`,
    );
  }
  if (!read.ok)
    return problem(
      `The arguments are not valid JSON at position ${read.at}: ${read.why}; send the call again with one JSON object.`,
    );
  if (typeof read.value === "string" && depth < 2 && /^\s*[{"]/.test(read.value))
    return readArguments(read.value, depth + 1);
  if (typeof read.value !== "object" || read.value === null || Array.isArray(read.value)) {
    return problem(`The arguments must be one JSON object, not ${kindOf(read.value)}; send the call again.`);
  }
  const rest = text.slice(read.end).trim();
  if (rest !== "" && (/[{[]/.test(rest) || Object.keys(read.value).length === 0)) {
    return problem(
      `The arguments hold more than one JSON value, the second at position ${text.indexOf(rest, read.end)}; send one object for each call.`,
    );
  }
  return { ok: true, input: read.value as Record<string, unknown> };
}

const folded = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Letters to change, add or take away to get from one word to the other. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export function closest(name: string, names: readonly string[]): string | null {
  const ranked = names.map((known) => ({ known, far: distance(folded(name.slice(0, 100)), folded(known)) }));
  ranked.sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= Math.max(2, best.known.length / 2) ? best.known : null;
}

/** The tool that is meant: other case, other separators and a `functions.` in front are the same name, when only one tool fits. */
export function matchName(name: string, names: readonly string[]): string | null {
  if (names.includes(name)) return name;
  const bare = name
    .trim()
    .replace(/^functions?[.:]/, "")
    .replace(/:\d+$/, "");
  const alike = names.filter((known) => folded(known) === folded(bare));
  return folded(bare) !== "" && alike.length === 1 ? (alike[0] ?? null) : null;
}

export function unknownTool(name: string, names: readonly string[]): string {
  if (names.length === 0) return `There is no tool here, so "${name.slice(0, 100)}" cannot be called; answer in text.`;
  if (name.trim() === "") return `The call names no tool; the tools are ${names.slice(0, 40).join(", ")}.`;
  const near = closest(name, names);
  const hint = near === null ? "" : `did you mean "${near}"? `;
  return `There is no tool "${name.slice(0, 100)}"; ${hint}${near === null ? "the" : "The"} tools are ${names.slice(0, 40).join(", ")}.`;
}
