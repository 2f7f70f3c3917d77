/** Vim's registers: unnamed, "0, "a to "z, "_ which stores nothing, and "+ which is the clipboard. */
import type { Register, VimState } from "./state.ts";

const UNNAMED = '"';

type Registers = VimState["registers"];

export const isClipboard = (name: string | null): boolean => name === "+" || name === "*";

const canonicalName = (name: string | null): string => (isClipboard(name) ? "+" : (name ?? UNNAMED).toLowerCase());

export const readRegister = (registers: Registers, name: string | null): Register | undefined =>
  registers.get(canonicalName(name));

/** Upper case names append. Yanked text, but not deleted text, is stored in "0 too. */
export function writeRegister(
  registers: Registers,
  name: string | null,
  register: Register,
  reason: "yank" | "delete",
): Registers {
  if (name === "_") return registers;
  const before = name !== null && /^\p{Lu}$/u.test(name) ? registers.get(canonicalName(name)) : undefined;
  const value = before ? appendRegister(before, register) : register;
  const zero = name === null && reason === "yank" ? ([["0", value]] as const) : [];
  return new Map([...registers, [canonicalName(name), value], [UNNAMED, value], ...zero]);
}

function appendRegister(before: Register, { text, lines }: Register): Register {
  const isLines = before.lines || lines;
  return { text: `${before.text}${isLines ? "\n" : ""}${text}`, lines: isLines };
}
