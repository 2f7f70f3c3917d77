/**
 * A small `Headers` for the bundle: the AI SDK touches that global on every request, and the built-in one loads all of undici
 * (about 25 ms). The bundler injects it in place of the global; from source the built-in one is used.
 */
type Pairs = Iterable<readonly [string, string]>;

function pairs(init: unknown): Pairs {
  if (init === undefined || init === null) return [];
  if (typeof (init as Pairs)[Symbol.iterator] === "function") return init as Pairs;
  return Object.entries(init as Record<string, string>);
}

class PlainHeaders {
  readonly #map = new Map<string, string>();
  constructor(init?: unknown) {
    for (const [name, value] of pairs(init)) this.append(name, value);
  }
  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }
  set(name: string, value: string): void {
    this.#map.set(name.toLowerCase(), String(value).trim());
  }
  get(name: string): string | null {
    return this.#map.get(name.toLowerCase()) ?? null;
  }
  has(name: string): boolean {
    return this.#map.has(name.toLowerCase());
  }
  delete(name: string): void {
    this.#map.delete(name.toLowerCase());
  }
  forEach(visit: (value: string, name: string, headers: PlainHeaders) => void): void {
    for (const [name, value] of this) visit(value, name, this);
  }
  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#map.keys()].sort()) yield [name, this.#map.get(name) ?? ""];
  }
  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }
  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }
  getSetCookie(): string[] {
    return [];
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

export { PlainHeaders as Headers };
