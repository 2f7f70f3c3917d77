/** Collects tools and hooks of a folder's plugins for a turn. Plugins are started on demand. */
import type { HookSpec } from "../../protocol/plugin.ts";
import { loadGrammar } from "../permission/load-parsers.ts";
import type { Clock, Tool } from "../ports.ts";
import { createToolSearch } from "./find-tool.ts";
import type { HookDispatcher, HookSource } from "./hooks.ts";
import type { Host, Plugin } from "./host.ts";
import { noHooks } from "./no-hooks.ts";
import { createReadResource } from "./read-resource-tool.ts";

/** What plugins contribute to one turn. */
export interface TurnPlugins {
  tools: readonly Tool[];
  /** Whether the model is given the tool from the start, and not only when it searches for one. */
  isListed(tool: Tool): boolean;
  hooks: HookDispatcher;
  /** For the user. */
  warnings: readonly string[];
  /** Whether this is the session's first turn in this server. */
  firstTurn: boolean;
}

export async function collectTurnPlugins(
  host: Host,
  cwd: string,
  commandHooks: readonly HookSource[],
  clock: Clock,
  firstTurn: boolean,
): Promise<TurnPlugins> {
  const { plugins, problems } = await host.plugins(cwd);
  const enabled = plugins.filter(({ spec, approval }) => spec.enabled && approval !== null);
  const { unique: pluginTools, duplicates } = findUnique(enabled.flatMap((plugin) => host.tools(plugin)));
  const withResources = enabled.filter(({ approval }) => approval?.resources);
  const searchTools = createToolSearch(pluginTools);
  const tools: Tool[] = [
    ...pluginTools,
    ...(searchTools ?? []),
    ...(withResources.length > 0 ? [createReadResource(withResources)] : []),
  ];
  const hidden = new Set(searchTools ? pluginTools.map(({ name }) => name) : []);
  const sources = [...enabled.flatMap(createHookSources), ...commandHooks];
  const unapproved = plugins.filter(({ spec, approval }) => spec.enabled && spec.own && !approval);
  const reminders: string[] = [];
  for (const plugin of unapproved) if (await plugin.recordReminder()) reminders.push(formatUnapproved(plugin));
  return {
    tools,
    isListed: ({ name }) => !hidden.has(name),
    hooks: sources.length === 0 ? noHooks : await createDispatcher(sources, clock),
    warnings: [...problems, ...duplicates.map(formatDuplicate), ...reminders],
    firstTurn,
  };
}

/** `a` with the tool `b__c` and `a__b` with the tool `c` use one name; endpoints reject a request with both. The first plugin's is used. */
function findUnique(tools: readonly Tool[]): { unique: Tool[]; duplicates: string[] } {
  const unique = [...new Map(tools.toReversed().map((tool) => [tool.name, tool])).values()].reverse();
  const duplicates = tools.filter((tool) => !unique.includes(tool)).map(({ name }) => name);
  return { unique, duplicates };
}

/** The hook schemas are loaded only if there is a hook. */
async function createDispatcher(sources: readonly HookSource[], clock: Clock): Promise<TurnPlugins["hooks"]> {
  const [{ createHookDispatcher }, { globs }] = await Promise.all([import("./hooks.ts"), loadGrammar()]);
  return createHookDispatcher(sources, clock, globs);
}

function createHookSources(plugin: Plugin): HookSource[] {
  const specs: readonly HookSpec[] = plugin.approval?.declaration?.hooks ?? [];
  if (specs.length === 0) return [];
  const { name } = plugin.spec;
  return [
    {
      by: { kind: "plugin", id: name, name },
      specs,
      async call(event, payload, timeoutMs, signal) {
        const connection = await plugin.connect();
        return connection.request("tutti/hook", { event, payload }, { timeoutMs, signal });
      },
    },
  ];
}

const formatDuplicate = (name: string): string =>
  `Two plugins have a tool ${name}. The one of the plugin that is listed first is used; rename one of the plugins to use both.`;

function formatUnapproved({ spec, status }: Plugin): string {
  const changed = status.state === "unapproved" && status.changed;
  const state = changed ? "has changed since you approved it" : "waits for your approval";
  return `The plugin ${spec.name} ${state} and is not used; \`tutti plugins approve ${spec.name}\` shows what it runs.`;
}
