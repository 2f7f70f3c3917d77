/** Applies the user's own bindings to a key table, and reports invalid or conflicting ones. */
import { distance } from "fastest-levenshtein";
import {
  type BindingRow,
  type CommandName,
  type Context,
  commandNames,
  contexts,
  isCommandName,
  isContext,
} from "./binding.ts";
import { parseChord, parseKey, typesText } from "./key.ts";
import type { Binding } from "./lookup.ts";

/** `CONTEXT:KEYS` or `KEYS` to a command; `none` removes the binding. */
export type CustomBindings = Readonly<Record<string, string>>;

export function applyCustomBindings(
  table: readonly BindingRow[],
  custom: CustomBindings,
): { bindings: Binding[]; problems: string[] } {
  const tableBindings = table.flatMap((row) =>
    [row.when].flat().map((when): Binding => ({ ...row, when, isCustom: false })),
  );
  const problems: string[] = [];
  const added: Binding[] = [];
  const removed: { when: Context | null; keys: string }[] = [];
  for (const [name, value] of Object.entries(custom)) {
    const parsed = parseBinding(name, value);
    if ("problem" in parsed) problems.push(`bindings: ${parsed.problem}`);
    else if (parsed.command === null) removed.push(...parsed.when.map((when) => ({ when, keys: parsed.keys })));
    else {
      const { keys, command, argument } = parsed;
      const rest = { keys, commands: command, isCustom: true, ...(argument !== undefined && { argument }) };
      for (const when of parsed.when) if (when !== null) added.push({ when, ...rest });
    }
  }
  const remaining = tableBindings.filter(
    ({ when, keys }) => !removed.some((one) => one.keys === keys && (one.when === null || one.when === when)),
  );
  return { bindings: [...added, ...remaining], problems: [...problems, ...findConflicts(added, remaining)] };
}

type ParsedBinding =
  | { keys: string; when: readonly (Context | null)[]; command: CommandName | null; argument?: string }
  | { problem: string };

function parseBinding(name: string, value: string): ParsedBinding {
  const colon = /^([a-z.]+):(?=.)/i.exec(name);
  const context = colon?.[1] ?? null;
  if (context !== null && !isContext(context)) {
    return { problem: `unknown context "${context}" in "${name}". Use one of ${Object.keys(contexts).join(", ")}.` };
  }
  const keyNames = name.slice(colon?.[0].length ?? 0);
  const parsed = parseChord(context?.startsWith("vim.") ? splitVimKeys(keyNames) : keyNames);
  if ("problem" in parsed) return parsed;
  const keys = parsed.keys.join(" ");
  const [command = "", ...rest] = value.trim().split(/\s+/u);
  if (command === "none") return { keys, when: [context], command: null };
  if (!isCommandName(command))
    return { problem: `unknown command "${command}" for "${name}". Did you mean ${nearestCommand(command)}?` };
  const when = context === null ? defaultContexts(command) : [context];
  const first = parsed.keys[0] ?? "";
  if (typesText(first) && when.some((one) => textContexts.has(one))) {
    return {
      problem: `"${name}" would prevent typing "${first}". Add a context, for example transcript:${keys}.`,
    };
  }
  return { keys, when, command, ...(rest.length > 0 && { argument: rest.join(" ") }) };
}

/** In Vim's modes `gz` means `g z`. */
const splitVimKeys = (names: string): string =>
  names
    .split(/\s+/u)
    .map((name) => (name.includes("+") || "key" in parseKey(name) ? name : [...name].join(" ")))
    .join(" ");

const textContexts: ReadonlySet<Context> = new Set<Context>([
  "prompt",
  "edit",
  "list",
  "completion",
  "search",
  "any",
  "vim.insert",
]);

/** Where a binding without a context applies: the only context of its command, or the prompt and the transcript. */
function defaultContexts(command: CommandName): readonly Context[] {
  const family = command.split(".", 1)[0] ?? "";
  if (family === "vim") return ["vim.normal"];
  if (family === "edit" || family === "list" || family === "question") return [family];
  if (family === "completion" || family === "search") return [family];
  return ["prompt", "transcript"];
}

/** Reports keys that are bound twice, and keys that cannot be reached because another binding is a prefix of them. */
function findConflicts(added: readonly Binding[], table: readonly Binding[]): string[] {
  const problems = new Set<string>();
  for (const [index, one] of added.entries()) {
    const twin = added.slice(0, index).find(({ when, keys }) => when === one.when && keys === one.keys);
    if (twin) {
      problems.add(
        `bindings: "${one.keys}" is bound twice in ${one.when}; ${[twin.commands].flat().join(", ")} is used.`,
      );
      continue;
    }
    for (const other of [...added, ...table]) {
      if (other.when !== one.when || other === one) continue;
      if (other.keys.startsWith(`${one.keys} `)) {
        problems.add(`bindings: "${one.keys}" hides "${other.keys}", which starts with it.`);
      } else if (one.keys.startsWith(`${other.keys} `) && !other.isCustom) {
        problems.add(`bindings: "${one.keys}" hides the binding of "${other.keys}", which is its prefix.`);
      }
    }
  }
  return [...problems];
}

/** The most similar name. */
function nearestCommand(name: string): string {
  const distanceTo = (other: string): number => distance(name.toLowerCase(), other.toLowerCase());
  return commandNames.reduce((best, other) => (distanceTo(other) < distanceTo(best) ? other : best));
}
