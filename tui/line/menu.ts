/** Lists to choose from by number, or by words that narrow them. Pure. */
import { menuText, oneLine } from "./words.ts";

export interface Choice {
  id: string;
  /** What is heard and searched. */
  label: string;
}

export interface Menu {
  title: string;
  /** Said where there is nothing to choose from. */
  empty: string;
  choices: readonly Choice[];
}

const MOST = 20;

export type Picked = { kind: "choice"; id: string } | { kind: "menu"; menu: Menu } | { kind: "none" };

export function menuLines({ title, empty, choices }: Menu): string {
  if (choices.length === 0) return empty;
  const more = choices.length - MOST;
  return [
    title,
    menuText(choices.slice(0, MOST).map(({ label }) => label)),
    ...(more > 0 ? [`And ${more} more.`] : []),
    "Type a number, a word to narrow the list, or 0 to leave it.",
  ].join("\n");
}

/** What was typed at a menu: one of those it lists, a shorter menu, or nothing of it. */
export function pick(menu: Menu, typed: string): Picked {
  const text = typed.trim();
  if (/^\d+$/.test(text)) {
    const choice = menu.choices.slice(0, MOST)[Number(text) - 1];
    return choice ? { kind: "choice", id: choice.id } : { kind: "none" };
  }
  return narrowed(menu, text);
}

/** Those that hold each of the words; the only one is taken. */
export function narrowed(menu: Menu, text: string): Picked {
  const words = text.toLowerCase().split(/\s+/);
  const exact = menu.choices.find(({ id }) => id === text);
  const choices = exact
    ? [exact]
    : menu.choices.filter(({ label }) => words.every((word) => oneLine(label).toLowerCase().includes(word)));
  if (choices.length === 1 && choices[0]) return { kind: "choice", id: choices[0].id };
  return choices.length === 0 ? { kind: "none" } : { kind: "menu", menu: { ...menu, choices } };
}
