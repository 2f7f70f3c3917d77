/** What the plugins of a folder bring to a turn. Only those are waited for that have to be heard before it can begin. */
import type { HookSpec } from "../../protocol/plugin.ts";
import { loadGrammar } from "../permission/grammar.ts";
import type { Clock, Tool } from "../ports.ts";
import type { Plugged } from "../turns.ts";
import { shelve } from "./find-tool.ts";
import type { HookSource } from "./hooks.ts";
import type { Host, Plugin } from "./host.ts";
import { nobody } from "./nobody.ts";
import { readResource } from "./resources.ts";

export async function plugged(
  host: Host,
  cwd: string,
  more: readonly HookSource[],
  clock: Clock,
  first: boolean,
): Promise<Plugged> {
  const { plugins, problems } = await host.plugins(cwd);
  const used = plugins.filter(({ spec, approval }) => spec.enabled && approval !== null);
  const made = used.map((plugin) => host.tools(plugin));
  const own = made.flatMap(({ tools }) => tools);
  const readable = used.filter(({ approval }) => approval?.resources);
  const finders = shelve(own);
  const tools: Tool[] = [...own, ...(finders ?? []), ...(readable.length > 0 ? [readResource(readable)] : [])];
  const shelved = new Set(finders ? own.map(({ name }) => name) : []);
  const sources = [...used.flatMap(sourceOf), ...more];
  const waiting = plugins.filter(({ spec, approval }) => spec.enabled && spec.own && !approval);
  return {
    tools,
    listed: ({ name }) => !shelved.has(name),
    bell: sources.length === 0 ? nobody : await bellOf(sources, clock),
    warnings: [...problems, ...made.flatMap((one) => one.problems), ...waiting.map(unapproved)],
    first,
  };
}

/** What knows the events is loaded where somebody wants to hear of one. */
async function bellOf(sources: readonly HookSource[], clock: Clock): Promise<Plugged["bell"]> {
  const [{ createBell }, { globs }] = await Promise.all([import("./hooks.ts"), loadGrammar()]);
  return createBell(sources, clock, globs);
}

function sourceOf(plugin: Plugin): HookSource[] {
  const specs: readonly HookSpec[] = plugin.approval?.declaration?.hooks ?? [];
  if (specs.length === 0) return [];
  const { name } = plugin.spec;
  return [
    {
      by: { kind: "plugin", id: name, name },
      specs,
      async call(event, payload, timeoutMs, signal) {
        const link = await plugin.link();
        return link.request("tutti/hook", { event, payload }, { timeoutMs, signal });
      },
    },
  ];
}

function unapproved({ spec, status }: Plugin): string {
  const changed = status.state === "unapproved" && status.changed;
  const why = changed ? "is not what you approved any more" : "waits for your approval";
  return `The plugin ${spec.name} ${why} and is not used; \`tutti plugins approve ${spec.name}\` shows what it runs.`;
}
