/** A person's own bindings, laid over a table, with a sentence for everything in them that cannot be. */
import { changes } from "../../client/nearest.ts";
import { allDoes, type Context, contexts, type Does, isContext, isDoes, type Row } from "./binding.ts";
import { parseChord, parseKey, typesText } from "./key.ts";
import type { Binding } from "./lookup.ts";

/** `CONTEXT:KEYS` or `KEYS`, and what they do; `none` unbinds. */
export type OwnBindings = Readonly<Record<string, string>>;

export function laidOver(table: readonly Row[], own: OwnBindings): { bindings: Binding[]; problems: string[] } {
  const base = table.flatMap((row) => [row.when].flat().map((when): Binding => ({ ...row, when, own: false })));
  const problems: string[] = [];
  const added: Binding[] = [];
  const removed: { when: Context | null; keys: string }[] = [];
  for (const [written, value] of Object.entries(own)) {
    const read = readOne(written, value);
    if ("problem" in read) problems.push(`bindings: ${read.problem}${read.problem.endsWith("?") ? "" : "."}`);
    else if (read.does === null) removed.push(...read.when.map((when) => ({ when, keys: read.keys })));
    else {
      const { keys, does, argument } = read;
      const rest = { keys, does, own: true, ...(argument !== undefined && { argument }) };
      for (const when of read.when) if (when !== null) added.push({ when, ...rest });
    }
  }
  const kept = base.filter(
    ({ when, keys }) => !removed.some((one) => one.keys === keys && (one.when === null || one.when === when)),
  );
  return { bindings: [...added, ...kept], problems: [...problems, ...conflicts(added, kept)] };
}

type Read =
  | { keys: string; when: readonly (Context | null)[]; does: Does | null; argument?: string }
  | { problem: string };

function readOne(written: string, value: string): Read {
  const colon = /^([a-z.]+):(?=.)/i.exec(written);
  const context = colon?.[1] ?? null;
  if (context !== null && !isContext(context)) {
    return { problem: `"${written}" begins with "${context}", which is none of ${Object.keys(contexts).join(", ")}` };
  }
  const names = written.slice(colon?.[0].length ?? 0);
  const parsed = parseChord(context?.startsWith("vim.") ? apart(names) : names);
  if ("problem" in parsed) return parsed;
  const keys = parsed.keys.join(" ");
  const [does = "", ...rest] = value.trim().split(/\s+/u);
  if (does === "none") return { keys, when: [context], does: null };
  if (!isDoes(does)) return { problem: `"${written}" does "${does}", which is no action; is it ${nearest(does)}?` };
  const when = context === null ? naturalContexts(does) : [context];
  const first = parsed.keys[0] ?? "";
  if (typesText(first) && when.some((one) => writtenIn.has(one))) {
    return {
      problem: `"${written}" would take "${first}" from writing; put a context before it, as in transcript:${keys}`,
    };
  }
  return { keys, when, does, ...(rest.length > 0 && { argument: rest.join(" ") }) };
}

/** In Vim's modes `gz` is `g z`, as Vim's users write it. */
const apart = (names: string): string =>
  names
    .split(/\s+/u)
    .map((name) => (name.includes("+") || "key" in parseKey(name) ? name : [...name].join(" ")))
    .join(" ");

const writtenIn: ReadonlySet<Context> = new Set<Context>([
  "prompt",
  "edit",
  "list",
  "completion",
  "search",
  "any",
  "vim.insert",
]);

/** Where a binding holds that names no context: the prompt and the transcript, or the only place where it means something. */
function naturalContexts(does: Does): readonly Context[] {
  const family = does.split(".", 1)[0] ?? "";
  if (family === "vim") return ["vim.normal"];
  if (family === "edit" || family === "list" || family === "question") return [family];
  if (family === "completion" || family === "search") return [family];
  return ["prompt", "transcript"];
}

/** Two of one's own for one key, and keys that can no longer be reached since another is their beginning. */
function conflicts(added: readonly Binding[], table: readonly Binding[]): string[] {
  const problems = new Set<string>();
  for (const [index, one] of added.entries()) {
    const twin = added.slice(0, index).find(({ when, keys }) => when === one.when && keys === one.keys);
    if (twin) {
      problems.add(`bindings: "${one.keys}" is bound twice in ${one.when}; it does ${[twin.does].flat().join(", ")}.`);
      continue;
    }
    for (const other of [...added, ...table]) {
      if (other.when !== one.when || other === one) continue;
      if (other.keys.startsWith(`${one.keys} `)) {
        problems.add(`bindings: "${one.keys}" is also the beginning of "${other.keys}", which it hides.`);
      } else if (one.keys.startsWith(`${other.keys} `) && !other.own) {
        problems.add(`bindings: "${one.keys}" begins with "${other.keys}", whose own binding it hides.`);
      }
    }
  }
  return [...problems];
}

/** The name that takes the fewest changes, however many. */
function nearest(name: string): string {
  const far = (other: string): number => changes(name.toLowerCase(), other.toLowerCase());
  return allDoes.reduce((best, other) => (far(other) < far(best) ? other : best));
}
