/** Adding to lists and replacing in them, by copying, or in place for lists that the caller created. */
/** How a list gets a new entry, or replaces one. */
export interface Lists {
  push<T>(list: readonly T[], entry: T): readonly T[];
  put<T>(list: readonly T[], index: number, entry: T): readonly T[];
}

export const copying: Lists = {
  push: (list, entry) => [...list, entry],
  put: (list, index, entry) => list.with(index, entry),
};

export function owning(): Lists {
  const own = new WeakSet<readonly unknown[]>();
  const mine = <T>(list: readonly T[]): T[] => {
    if (own.has(list)) return list as T[];
    const copy = [...list];
    own.add(copy);
    return copy;
  };
  return {
    push(list, entry) {
      const copy = mine(list);
      copy.push(entry);
      return copy;
    },
    put(list, index, entry) {
      const copy = mine(list);
      copy[index] = entry;
      return copy;
    },
  };
}
