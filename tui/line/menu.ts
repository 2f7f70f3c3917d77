/** Menus to choose from by number, or by words that narrow them. Pure. */
import { formatChoices, toOneLine } from "./messages.ts";

export interface Choice {
  id: string;
  /** Announced and searched. */
  label: string;
}

export interface Menu {
  title: string;
  /** Announced when there are no choices. */
  empty: string;
  choices: readonly Choice[];
}

const MAX_CHOICES = 20;

export type MenuResult = { kind: "choice"; id: string } | { kind: "menu"; menu: Menu } | { kind: "none" };

export function formatMenu({ title, empty, choices }: Menu): string {
  if (choices.length === 0) return empty;
  const more = choices.length - MAX_CHOICES;
  return [
    title,
    formatChoices(choices.slice(0, MAX_CHOICES).map(({ label }) => label)),
    ...(more > 0 ? [`${more} more not shown.`] : []),
    "Type a number, a word to filter the list, or 0 to close it.",
  ].join("\n");
}

/** Interprets a line entered at a menu: one of its choices, a shorter menu, or none. */
export function pickFromMenu(menu: Menu, typed: string): MenuResult {
  const text = typed.trim();
  if (/^\d+$/.test(text)) {
    const choice = menu.choices.slice(0, MAX_CHOICES)[Number(text) - 1];
    return choice ? { kind: "choice", id: choice.id } : { kind: "none" };
  }
  return narrowMenu(menu, text);
}

/** Keeps the choices that contain all words. A single remaining one is chosen. */
export function narrowMenu(menu: Menu, text: string): MenuResult {
  const words = text.toLowerCase().split(/\s+/);
  const exact = menu.choices.find(({ id }) => id === text);
  const choices = exact
    ? [exact]
    : menu.choices.filter(({ label }) => words.every((word) => toOneLine(label).toLowerCase().includes(word)));
  if (choices.length === 1 && choices[0]) return { kind: "choice", id: choices[0].id };
  return choices.length === 0 ? { kind: "none" } : { kind: "menu", menu: { ...menu, choices } };
}
