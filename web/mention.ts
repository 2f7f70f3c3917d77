/** What is being named where the cursor stands in the prompt, and what could be meant. */
import { quoted } from "../client/mention.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { type PageCommand, pageCommands } from "./commands.ts";
import type { Completion } from "./state.ts";

export interface Wanted {
  kind: "slash" | "mention";
  text: string;
  from: number;
}

export function wanted(text: string, cursor: number): Wanted | null {
  const before = text.slice(0, cursor);
  const slash = /^\/([\w.:-]*)$/.exec(before);
  if (slash) return { kind: "slash", text: slash[1] ?? "", from: 0 };
  const mention = /(?:^|[\s(])@([^\s@]*)$/u.exec(before);
  if (!mention) return null;
  const named = mention[1] ?? "";
  return { kind: "mention", text: named, from: cursor - named.length - 1 };
}

export function slashRows(text: string, commands: readonly PluginCommand[]): Completion["rows"] {
  const own = Object.entries<PageCommand>(pageCommands).map(([name, { purpose }]) => ({ name, about: purpose }));
  const brought = commands.map(({ name, title, description }) => ({ name, about: title || description }));
  return [...own, ...brought]
    .filter(({ name }) => name.includes(text.toLowerCase()))
    .sort((a, b) => Number(b.name.startsWith(text)) - Number(a.name.startsWith(text)))
    .map(({ name, about }) => ({ insert: `/${name} `, text: `/${name}`, detail: about }));
}

export function mentionRows(
  files: ResultOf<"filesFind">["files"],
  symbols: ResultOf<"symbolsFind">["symbols"],
  cwd: string,
): Completion["rows"] {
  const short = (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
  return [
    ...files.map(({ name }) => ({
      insert: name.endsWith("/") ? `@${quoted(name)}` : `@${quoted(name)} `,
      text: name,
      detail: "",
    })),
    ...symbols.map(({ name, kind, path, line }) => ({
      insert: `@${quoted(short(path))}:${line} (${name}) `,
      text: name,
      detail: `${kind} · ${short(path)}:${line}`,
    })),
  ];
}
