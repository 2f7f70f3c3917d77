/** Looks up chords in a stack of contexts, and lists the possible continuations of a pending chord. */
import type { BindingRow, Context } from "./binding.ts";

/** A row of a key table in one context. */
export interface Binding extends Omit<BindingRow, "when"> {
  readonly when: Context;
  /** From the user's configuration. */
  readonly isCustom: boolean;
}

export interface Keymap {
  /** In their original order, the user's bindings first. */
  readonly bindings: readonly Binding[];
  readonly chords: ReadonlyMap<string, Binding>;
  readonly prefixes: ReadonlySet<string>;
}

export type Lookup = { state: "found"; binding: Binding } | { state: "prefix" } | { state: "none" };

const bindingKey = (isCustom: boolean, when: Context, keys: string): string =>
  `${isCustom ? "custom" : "table"}/${when}/${keys}`;

/** All proper prefixes of a chord. */
const prefixesOf = (keys: string): string[] => {
  const all = keys.split(" ");
  return all.slice(1).map((_, index) => all.slice(0, index + 1).join(" "));
};

/** If a context has two rows for one chord, the first wins. */
export function createKeymap(bindings: readonly Binding[]): Keymap {
  const chords = new Map<string, Binding>();
  const prefixes = new Set<string>();
  for (const binding of bindings) {
    const name = bindingKey(binding.isCustom, binding.when, binding.keys);
    if (!chords.has(name)) chords.set(name, binding);
    for (const start of prefixesOf(binding.keys)) prefixes.add(bindingKey(binding.isCustom, binding.when, start));
  }
  return { bindings, chords, prefixes };
}

/** The user's bindings take precedence, then contexts in the order of the stack. */
export function findBinding({ chords, prefixes }: Keymap, stack: readonly Context[], chord: readonly string[]): Lookup {
  const keys = chord.join(" ");
  for (const isCustom of [true, false]) {
    for (const when of stack) {
      const name = bindingKey(isCustom, when, keys);
      const binding = chords.get(name);
      if (binding) return { state: "found", binding };
      if (prefixes.has(name)) return { state: "prefix" };
    }
  }
  return { state: "none" };
}

/** The possible continuations of a pending chord, with the remaining keys. */
export function findContinuations(
  map: Keymap,
  stack: readonly Context[],
  chord: readonly string[],
): { keys: string; binding: Binding }[] {
  const start = `${chord.join(" ")} `;
  const all = map.bindings
    .filter(({ keys, when }) => keys.startsWith(start) && stack.includes(when))
    .map(({ keys }) => keys);
  return [...new Set(all)].flatMap((keys) => {
    const found = findBinding(map, stack, keys.split(" "));
    return found.state === "found" ? [{ keys: keys.slice(start.length), binding: found.binding }] : [];
  });
}
