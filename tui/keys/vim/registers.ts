/** Vim's registers: unnamed, "0, "a to "z, "_ that keeps nothing, and "+ which is the clipboard. */
import type { Register, VimState } from "./state.ts";

const UNNAMED = '"';

type Registers = VimState["registers"];

export const isClipboard = (name: string | null): boolean => name === "+" || name === "*";

const canonical = (name: string | null): string => (isClipboard(name) ? "+" : (name ?? UNNAMED).toLowerCase());

export const readRegister = (registers: Registers, name: string | null): Register | undefined =>
  registers.get(canonical(name));

/** Capitals add to what is there. What was copied, and nothing that was deleted, goes to "0 too. */
export function writeRegister(
  registers: Registers,
  name: string | null,
  register: Register,
  why: "yank" | "delete",
): Registers {
  if (name === "_") return registers;
  const before = name !== null && /^\p{Lu}$/u.test(name) ? registers.get(canonical(name)) : undefined;
  const whole = before ? added(before, register) : register;
  const zero = name === null && why === "yank" ? ([["0", whole]] as const) : [];
  return new Map([...registers, [canonical(name), whole], [UNNAMED, whole], ...zero]);
}

function added(before: Register, { text, lines }: Register): Register {
  const isLines = before.lines || lines;
  return { text: `${before.text}${isLines ? "\n" : ""}${text}`, lines: isLines };
}
