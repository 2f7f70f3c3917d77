/** Checks messages by a table of their fields. The page of a guest loads no schema library. */

type Kind = "string" | "number" | "boolean" | "object" | "array";
/** For each type of message: its fields besides `type`. Others are ignored. */
export type Shapes = Readonly<Record<string, Readonly<Record<string, Kind>>>>;

/** True if `value` is one of these messages. */
export function hasShape(shapes: Shapes, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const message = value as Record<string, unknown>;
  const { type } = message;
  const fields = typeof type === "string" && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  return fields !== undefined && Object.entries(fields).every(([name, kind]) => kindOf(message[name]) === kind);
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);
