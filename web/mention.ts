/** Completion in the prompt: what is being typed at the cursor, and the matching rows. */
import type { AgentRow } from "../client/agents.ts";
import { quoteMention } from "../client/format.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { type PageCommand, pageCommands } from "./commands.ts";
import type { Completion } from "./state.ts";

export interface CompletionQuery {
  kind: "slash" | "mention";
  text: string;
  from: number;
}

export function findCompletionQuery(text: string, cursor: number): CompletionQuery | null {
  const before = text.slice(0, cursor);
  const slash = /^\/([\w.:-]*)$/.exec(before);
  if (slash) return { kind: "slash", text: slash[1] ?? "", from: 0 };
  const mention = /(?:^|[\s(])@([^\s@]*)$/u.exec(before);
  if (!mention) return null;
  const typed = mention[1] ?? "";
  return { kind: "mention", text: typed, from: cursor - typed.length - 1 };
}

export function createSlashRows(text: string, commands: readonly PluginCommand[]): Completion["rows"] {
  const builtin = Object.entries<PageCommand>(pageCommands).map(([name, { description }]) => ({
    name,
    detail: description,
  }));
  const fromPlugins = commands.map(({ name, title, description }) => ({ name, detail: title || description }));
  return [...builtin, ...fromPlugins]
    .filter(({ name }) => name.includes(text.toLowerCase()))
    .sort((a, b) => Number(b.name.startsWith(text)) - Number(a.name.startsWith(text)))
    .map(({ name, detail }) => ({ insert: `/${name} `, text: `/${name}`, detail }));
}

export function createMentionRows(
  files: ResultOf<"filesFind">["files"],
  symbols: ResultOf<"symbolsFind">["symbols"],
  agents: readonly AgentRow[],
  cwd: string,
): Completion["rows"] {
  const short = (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
  return [
    ...files.map(({ name }) => ({
      insert: name.endsWith("/") ? `@${quoteMention(name)}` : `@${quoteMention(name)} `,
      text: name,
      detail: "",
    })),
    ...symbols.map(({ name, kind, path, line }) => ({
      insert: `@${quoteMention(short(path))}:${line} (${name}) `,
      text: name,
      detail: `${kind} · ${short(path)}:${line}`,
    })),
    ...agents.map(({ name, description }) => ({
      insert: `@${name} `,
      text: name,
      detail: `agent · ${description}`,
    })),
  ];
}
