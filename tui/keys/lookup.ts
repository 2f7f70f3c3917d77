/** Key tables made ready to be asked: what a chord does in a stack of contexts, and what could follow it. */
import type { Context, Row } from "./binding.ts";

/** One row in one context. */
export interface Binding extends Omit<Row, "when"> {
  readonly when: Context;
  /** From the person's own configuration. */
  readonly own: boolean;
}

export interface Keymap {
  /** As listed, a person's own first. */
  readonly bindings: readonly Binding[];
  readonly chords: ReadonlyMap<string, Binding>;
  readonly beginnings: ReadonlySet<string>;
}

export type Found = { state: "found"; binding: Binding } | { state: "beginning" } | { state: "nothing" };

const nameOf = (own: boolean, when: Context, keys: string): string => `${own ? "own" : "table"}/${when}/${keys}`;

/** All proper beginnings of a chord. */
const beginningsOf = (keys: string): string[] => {
  const all = keys.split(" ");
  return all.slice(1).map((_, index) => all.slice(0, index + 1).join(" "));
};

/** Where one context has two rows for one chord, the first counts. */
export function keymap(bindings: readonly Binding[]): Keymap {
  const chords = new Map<string, Binding>();
  const beginnings = new Set<string>();
  for (const binding of bindings) {
    const name = nameOf(binding.own, binding.when, binding.keys);
    if (!chords.has(name)) chords.set(name, binding);
    for (const start of beginningsOf(binding.keys)) beginnings.add(nameOf(binding.own, binding.when, start));
  }
  return { bindings, chords, beginnings };
}

/** Own bindings come before the table's, and nearer contexts before farther ones. */
export function find({ chords, beginnings }: Keymap, stack: readonly Context[], chord: readonly string[]): Found {
  const keys = chord.join(" ");
  for (const own of [true, false]) {
    for (const when of stack) {
      const name = nameOf(own, when, keys);
      const binding = chords.get(name);
      if (binding) return { state: "found", binding };
      if (beginnings.has(name)) return { state: "beginning" };
    }
  }
  return { state: "nothing" };
}

/** What could follow a pending chord, each with the keys that are still to come. */
export function following(
  map: Keymap,
  stack: readonly Context[],
  chord: readonly string[],
): { keys: string; binding: Binding }[] {
  const start = `${chord.join(" ")} `;
  const all = map.bindings
    .filter(({ keys, when }) => keys.startsWith(start) && stack.includes(when))
    .map(({ keys }) => keys);
  return [...new Set(all)].flatMap((keys) => {
    const found = find(map, stack, keys.split(" "));
    return found.state === "found" ? [{ keys: keys.slice(start.length), binding: found.binding }] : [];
  });
}
