/** The completion menu of the prompt: slash commands and their arguments, and files, symbols and resources after an `@`. */
import { type AgentRow, matchMentions } from "../../client/agents.ts";
import { quoteMention } from "../../client/format.ts";
import { slashAliases } from "../../client/slash-names.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { actionNames, actions, slashes } from "../actions.ts";
import { type Editor, replaceRange } from "../edit/editor.ts";
import { insertAttachment } from "../edit/paste.ts";
import type { App } from "./app.ts";
import { filterItems } from "./filter.ts";
import { describeCommand, findArgument, findCommand, formatArguments, shortName } from "./plugin-commands.ts";
import type { PluginContributions } from "./plugin-contributions.ts";
import { type Completion, currentFolder, type Item, type Resource } from "./state.ts";

export interface Completer {
  /** Call after the text, the cursor or the available commands have changed. */
  refresh(): void;
  /** Inserts the selected row, or the one at this index. Returns true if the prompt is a complete command now. */
  accept(index?: number): boolean;
  step(by: number): void;
  /** Closes the menu for what is being written. */
  close(): void;
  /** Hides the menu until the text changes again. */
  hide(): void;
}

type Row = Completion["rows"][number];

interface CompletionTarget {
  kind: "slash" | "mention";
  text: string;
  from: number;
  to: number;
}

const MAX_ROWS = 50;

/** The command name or mention that is being written at the cursor. */
export function findCompletionTarget({ text, cursor }: Pick<Editor, "text" | "cursor">): CompletionTarget | null {
  const before = text.slice(0, cursor);
  const slash = /^\/([\w.:-]*)$/.exec(before);
  if (slash) return { kind: "slash", text: slash[1] ?? "", from: 0, to: cursor };
  const mention = /(?:^|[\s(])@([^\s@]*)$/u.exec(before);
  if (!mention) return null;
  const name = mention[1] ?? "";
  return { kind: "mention", text: name, from: cursor - name.length - 1, to: cursor };
}

const slashItems: readonly Item[] = actionNames.flatMap((name) => {
  const { slash, title, argument } = actions[name];
  return slash === undefined ? [] : [{ id: slash, text: slash, detail: argument ? `${argument} · ${title}` : title }];
});

/** Memo cache. Equal commands give the same list, because `filterItems` caches by list. */
const itemsByCommands = new WeakMap<readonly PluginCommand[], readonly Item[]>();

function listSlashItems(commands: readonly PluginCommand[]): readonly Item[] {
  if (commands.length === 0) return slashItems;
  const known = itemsByCommands.get(commands);
  if (known) return known;
  const pluginItems = commands.map((command): Item => {
    const details = [formatArguments(command), describeCommand(command)].filter((one) => one !== "");
    return { id: command.name, text: command.name, detail: details.join(" · ") };
  });
  const items = [...slashItems, ...pluginItems];
  itemsByCommands.set(commands, items);
  return items;
}

/** Names by which other agents call a command; listed once the user has typed the beginning of one. */
const aliasItems: readonly Item[] = Object.entries(slashAliases).flatMap(([alias, name]) => {
  const action = slashes.get(name);
  return action ? [{ id: name, text: alias, detail: `/${name} · ${actions[action].title}` }] : [];
});

/** Names that start with the text, then other matches. */
function matchSlashItems(all: readonly Item[], text: string): readonly Item[] {
  const items = text === "" ? all : [...all, ...aliasItems.filter((item) => item.text.startsWith(text))];
  const prefixed = items.filter(
    (item) => item.text.startsWith(text) || shortName({ name: item.text }).startsWith(text),
  );
  return [...prefixed, ...filterItems(items, text).filter((item) => !prefixed.includes(item))].slice(0, MAX_ROWS);
}

function needsArguments(slash: string, commands: readonly PluginCommand[]): boolean {
  const name = slashes.get(slash);
  if (name !== undefined) return actions[name].argument !== undefined;
  return (findCommand(commands, slash)?.arguments.length ?? 0) > 0;
}

const toSlashRow = ({ id, text, detail = "" }: Item, typed: string, commands: readonly PluginCommand[]): Row => ({
  insert: `/${text}`,
  text: `/${text}`,
  detail,
  isComplete: text === typed || !needsArguments(id, commands),
});

const matchesResource = ({ name, uri }: Resource, text: string): boolean =>
  `${name} ${uri}`.toLowerCase().includes(text.toLowerCase());

export function createCompleter(app: App, plugins: Pick<PluginContributions, "listResources">): Completer {
  let latestRequest = 0;
  /** Start of the target whose menu the user has closed: it stays closed until another one begins. */
  let closedAt: number | null = null;

  const show = (completion: Completion | null): void => {
    if (completion !== app.state().completion) app.set({ completion });
  };
  const showRows = ({ kind, from, to }: Pick<Completion, "kind" | "from" | "to">, rows: readonly Row[]): void =>
    show(rows.length === 0 ? null : { kind, isMoved: false, from, to, rows, selected: 0 });
  const completeMention = async (target: CompletionTarget): Promise<void> => {
    const { text } = target;
    const request = ++latestRequest;
    const { cwd } = app.state();
    const pendingResources = plugins.listResources();
    const [{ files }, { agents }] = await Promise.all([
      app.server.call("filesFind", { cwd, text, limit: MAX_ROWS }),
      app.server.call("agentList", { cwd }),
    ]);
    const symbols = text.length < 3 ? [] : (await app.server.call("symbolsFind", { cwd, text, limit: 10 })).symbols;
    const rows = [...toMentionRows(files, symbols, cwd), ...matchMentions(agents, text).map(toAgentRow)];
    if (request === latestRequest) showRows(target, rows);
    // Added later, so that a slow plugin delays nothing else.
    const resources = (await pendingResources).filter((one) => matchesResource(one, text)).slice(0, MAX_ROWS);
    if (request !== latestRequest || resources.length === 0) return;
    showRows(target, [...rows, ...resources.map(toResourceRow)]);
  };
  const completeArgument = async (command: PluginCommand, to: number): Promise<void> => {
    const request = ++latestRequest;
    const input = findArgument(command, app.state().input.editor.text.slice(0, to));
    if (!input) return show(null);
    const { argument, value, last, from } = input;
    const cwd = currentFolder(app.state());
    const { values } = await app.server.call("commandsComplete", { cwd, name: command.name, argument, value });
    if (request !== latestRequest) return;
    const rows = values
      .filter((one) => last || !/\s/.test(one))
      .map((one) => ({ insert: one, text: one, detail: argument, isComplete: last && one === value }));
    showRows({ kind: "argument", from, to }, rows.slice(0, MAX_ROWS));
  };
  const attachResource = ({ plugin, uri, name }: Resource, range: Pick<Completion, "from" | "to">): void => {
    const { input } = app.state();
    app.set({ input: { ...input, editor: replaceRange(input.editor, range, "") }, completion: null }, "key");
    app.attempt(async () => {
      const { text } = await app.server.call("resourcesRead", { cwd: currentFolder(app.state()), plugin, uri });
      const current = app.state().input;
      const editor = insertAttachment(current.editor, { name, mediaType: "text/plain", text });
      app.set({ input: { ...current, editor } }, "key");
    });
  };
  const refreshArgument = (): void => {
    const { input, commands } = app.state();
    const { text, cursor } = input.editor;
    const name = /^\/(\S+)\s/.exec(text.slice(0, cursor))?.[1];
    const command = name === undefined ? null : findCommand(commands, name);
    if (command && command.arguments.length > 0 && closedAt !== 0)
      return void completeArgument(command, cursor).catch(() => show(null));
    closedAt = null;
    latestRequest++;
    show(null);
  };
  const refresh = (): void => {
    const { input, commands } = app.state();
    const target = findCompletionTarget(input.editor);
    if (!target) {
      refreshArgument();
      return;
    }
    if (closedAt === target.from) return;
    if (target.kind === "slash") {
      latestRequest++;
      const items = matchSlashItems(listSlashItems(commands), target.text);
      const rows = items.map((item) => toSlashRow(item, target.text, commands));
      showRows(target, rows);
      return;
    }
    // The previous rows stay until new ones arrive.
    completeMention(target).catch(() => show(null));
  };
  const hide = (): void => {
    latestRequest++;
    show(null);
  };
  return {
    refresh,
    accept(index) {
      const { completion, input } = app.state();
      const row = completion?.rows[index ?? completion.selected];
      if (!completion || !row) return false;
      latestRequest++;
      if (row.resource) {
        attachResource(row.resource, completion);
        return false;
      }
      const isFolder = row.insert.endsWith("/");
      const text = isFolder ? row.insert : `${row.insert} `;
      const editor = replaceRange(input.editor, { from: completion.from, to: completion.to }, text);
      app.set({ input: { ...input, editor }, completion: null }, "key");
      if (isFolder) refresh();
      return row.isComplete === true;
    },
    step(by) {
      const { completion } = app.state();
      if (!completion) return;
      const count = completion.rows.length;
      const selected = (completion.selected + by + count) % count;
      app.set({ completion: { ...completion, isMoved: true, selected } }, "key");
    },
    hide,
    close() {
      closedAt = app.state().completion?.from ?? null;
      hide();
    },
  };
}

type Files = ResultOf<"filesFind">["files"];
type Symbols = ResultOf<"symbolsFind">["symbols"];

const toMentionRows = (files: Files, symbols: Symbols, cwd: string): Row[] => [
  ...files.map(({ name }) => ({ insert: `@${quoteMention(name)}`, text: name })),
  ...symbols.map(({ name, kind, path, line }) => {
    const file = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
    return { insert: `@${quoteMention(file)}:${line} (${name})`, text: name, detail: `${kind} · ${file}:${line}` };
  }),
];

const toAgentRow = ({ name, description }: AgentRow): Row => ({
  insert: `@${name}`,
  text: name,
  detail: `agent · ${description}`,
});

const toResourceRow = (resource: Resource): Row => ({
  insert: `@${resource.plugin}:${resource.uri}`,
  text: resource.name,
  detail: `${resource.plugin} · ${resource.uri}`,
  resource,
});
