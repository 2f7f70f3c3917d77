/** Definitions by name. */
import type { DefinitionProblem } from "./agent.ts";
import type { Named } from "./skill.ts";

/** Of definitions with the same name, the last one counts. */
export function createNamed<T extends { name: string }>(
  found: readonly T[],
  problems: readonly DefinitionProblem[],
): Named<T> {
  const byName = new Map(found.map((one) => [one.name.toLowerCase(), one]));
  const sorted = [...byName.values()].toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  return {
    find(name) {
      const wanted = name.trim().toLowerCase();
      const known = byName.get(wanted);
      if (known) return known;
      const ending = sorted.filter((one) => one.name.toLowerCase().endsWith(`:${wanted}`));
      return ending.length === 1 ? ending[0] : undefined;
    },
    list: () => sorted,
    problems,
  };
}
