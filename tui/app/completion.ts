/** The menu over the prompt: slash commands at its start and what they take, files, symbols and resources after an `@`. */
import { quoted } from "../../client/mention.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { actionNames, actions, slashes } from "../actions.ts";
import { type Editor, replaced } from "../edit/editor.ts";
import { attached } from "../edit/paste.ts";
import type { App } from "./app.ts";
import { aboutOf, argumentAt, commandFor, shortName, takesOf } from "./commands.ts";
import { filtered } from "./filter.ts";
import { folderOf } from "./folder.ts";
import type { Plugins } from "./plugins.ts";
import type { Completion, Item, Resource } from "./state.ts";

export interface Completer {
  /** The text or the cursor changed. */
  refresh(): void;
  /** True where what stands in the prompt is a whole command now. */
  accept(index?: number): boolean;
  step(by: number): void;
  close(): void;
}

interface Wanted {
  kind: "slash" | "mention";
  text: string;
  from: number;
  to: number;
}

const MOST = 50;

/** What is being named where the cursor stands. */
export function wanted({ text, cursor }: Pick<Editor, "text" | "cursor">): Wanted | null {
  const before = text.slice(0, cursor);
  const slash = /^\/([\w.:-]*)$/.exec(before);
  if (slash) return { kind: "slash", text: slash[1] ?? "", from: 0, to: cursor };
  const mention = /(?:^|[\s(])@([^\s@]*)$/u.exec(before);
  if (!mention) return null;
  const named = mention[1] ?? "";
  return { kind: "mention", text: named, from: cursor - named.length - 1, to: cursor };
}

const slashItems: readonly Item[] = actionNames.flatMap((name) => {
  const { slash, title, takes } = actions[name] as { slash?: string; title: string; takes?: string };
  return slash === undefined ? [] : [{ id: slash, text: slash, detail: takes ? `${takes} · ${title}` : title }];
});

const joined = new WeakMap<readonly PluginCommand[], readonly Item[]>();

/** Ours, then those of plugins; the same list for the same commands, since what is searched in it is kept by it. */
function slashesWith(commands: readonly PluginCommand[]): readonly Item[] {
  if (commands.length === 0) return slashItems;
  const known = joined.get(commands);
  if (known) return known;
  const brought = commands.map((command): Item => {
    const says = [takesOf(command), aboutOf(command)].filter((one) => one !== "");
    return { id: command.name, text: command.name, detail: says.join(" · ") };
  });
  const all = [...slashItems, ...brought];
  joined.set(commands, all);
  return all;
}

/** Names that begin with it, then whatever else it fits. */
function slashesFor(all: readonly Item[], text: string): readonly Item[] {
  const begins = all.filter((item) => item.text.startsWith(text) || shortName({ name: item.text }).startsWith(text));
  return [...begins, ...filtered(all, text).filter((item) => !begins.includes(item))].slice(0, MOST);
}

function takesMore(slash: string, commands: readonly PluginCommand[]): boolean {
  const name = slashes.get(slash);
  if (name !== undefined) return "takes" in actions[name];
  return (commandFor(commands, slash)?.arguments.length ?? 0) > 0;
}

const fits = ({ name, uri }: Resource, text: string): boolean =>
  `${name} ${uri}`.toLowerCase().includes(text.toLowerCase());

export function createCompleter(app: App, plugins: Pick<Plugins, "resources">): Completer {
  let asked = 0;
  /** What was closed by hand stays closed until another word begins. */
  let closedAt: number | null = null;

  const show = (completion: Completion | null): void => {
    if (completion !== app.state().completion) app.set({ completion });
  };
  const put = ({ from, to }: Pick<Wanted, "from" | "to">, rows: Completion["rows"]): void =>
    show(rows.length === 0 ? null : { from, to, rows, chosen: 0 });
  const mentions = async (want: Wanted): Promise<void> => {
    const mine = ++asked;
    const { cwd } = app.state();
    const offered = plugins.resources();
    const { files } = await app.server.call("filesFind", { cwd, text: want.text, limit: MOST });
    const symbols =
      want.text.length < 3 ? [] : (await app.server.call("symbolsFind", { cwd, text: want.text, limit: 10 })).symbols;
    const rows = filesAndSymbols(files, symbols, cwd);
    if (mine === asked) put(want, rows);
    // A plugin that takes long holds nothing up.
    const resources = (await offered).filter((one) => fits(one, want.text)).slice(0, MOST);
    if (mine !== asked || resources.length === 0) return;
    put(want, [...rows, ...resources.map(resourceRow)]);
  };
  const valuesFor = async (command: PluginCommand, to: number): Promise<void> => {
    const mine = ++asked;
    const at = argumentAt(command, app.state().typing.editor.text.slice(0, to));
    if (!at) return show(null);
    const { name } = command;
    const { argument, value } = at;
    const cwd = folderOf(app.state());
    const { values } = await app.server.call("commandsComplete", { cwd, name, argument, value });
    if (mine !== asked) return;
    const rows = values
      .filter((one) => at.last || !/\s/.test(one))
      .map((one) => ({ insert: one, text: one, detail: argument, whole: at.last && one === value }));
    put({ from: at.from, to }, rows.slice(0, MOST));
  };
  const attach = ({ plugin, uri, name }: Resource, range: Pick<Completion, "from" | "to">): void => {
    const { typing } = app.state();
    app.set({ typing: { ...typing, editor: replaced(typing.editor, range, "") }, completion: null }, "key");
    app.attempt(async () => {
      const { text } = await app.server.call("resourcesRead", { cwd: folderOf(app.state()), plugin, uri });
      const now = app.state().typing;
      const editor = attached(now.editor, { name, mediaType: "text/plain", text });
      app.set({ typing: { ...now, editor } }, "key");
    });
  };
  const refresh = () => {
    const { typing, commands } = app.state();
    const want = wanted(typing.editor);
    if (!want) {
      const named = /^\/(\S+)\s/.exec(typing.editor.text.slice(0, typing.editor.cursor))?.[1];
      const command = named === undefined ? null : commandFor(commands, named);
      if (command && command.arguments.length > 0 && closedAt !== 0)
        return void valuesFor(command, typing.editor.cursor).catch(() => show(null));
      closedAt = null;
      asked++;
      return show(null);
    }
    if (closedAt === want.from) return;
    if (want.kind === "slash") {
      asked++;
      const rows = slashesFor(slashesWith(commands), want.text);
      return put(
        want,
        rows.map(({ id, text, detail = "" }) => ({
          insert: `/${text}`,
          text: `/${text}`,
          detail,
          whole: text === want.text || !takesMore(id, commands),
        })),
      );
    }
    // What was found for less stays until there is something better.
    mentions(want).catch(() => show(null));
  };
  return {
    refresh,
    accept(index) {
      const { completion, typing } = app.state();
      const row = completion?.rows[index ?? completion.chosen];
      if (!completion || !row) return false;
      asked++;
      if (row.resource) {
        attach(row.resource, completion);
        return false;
      }
      const folder = row.insert.endsWith("/");
      const text = folder ? row.insert : `${row.insert} `;
      const editor = replaced(typing.editor, { from: completion.from, to: completion.to }, text);
      app.set({ typing: { ...typing, editor }, completion: null }, "key");
      if (folder) refresh();
      return row.whole === true;
    },
    step(by) {
      const { completion } = app.state();
      if (!completion) return;
      const count = completion.rows.length;
      app.set({ completion: { ...completion, chosen: (completion.chosen + by + count) % count } }, "key");
    },
    close() {
      closedAt = app.state().completion?.from ?? null;
      asked++;
      show(null);
    },
  };
}

type Found = { files: ResultOf<"filesFind">["files"]; symbols: ResultOf<"symbolsFind">["symbols"] };

const filesAndSymbols = (files: Found["files"], symbols: Found["symbols"], cwd: string): Completion["rows"] => [
  ...files.map(({ name }) => ({ insert: `@${quoted(name)}`, text: name })),
  ...symbols.map(({ name, kind, path, line }) => {
    const file = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
    return { insert: `@${quoted(file)}:${line} (${name})`, text: name, detail: `${kind} · ${file}:${line}` };
  }),
];

const resourceRow = (resource: Resource): Completion["rows"][number] => ({
  insert: `@${resource.plugin}:${resource.uri}`,
  text: resource.name,
  detail: `${resource.plugin} · ${resource.uri}`,
  resource,
});
