/**
 * The plugins of every folder in which something is going on: what is named there, what a person approved of it, and what runs. Nothing
 * is started that was not approved as it is now, and nothing of it is used that is not, to the letter, what was approved.
 */
import { printable } from "../../protocol/printable.ts";
import type { Loaded } from "../config/config.ts";
import type { CallWorld, Clock, Hash, Tool } from "../ports.ts";
import { type Approval, type Approvals, approvalKey } from "./approvals.ts";
import { canonical } from "./canonical.ts";
import { elicit } from "./elicit.ts";
import type { PluginEars, PluginLink, PluginResult, PluginTool } from "./link.ts";
import { type Change, changes, declares, digestOf, type Offered, offeredBy } from "./pins.ts";
import { createRunning, type Running, type RunningState } from "./running.ts";
import { findPlugins } from "./sources.ts";
import { identityOf, nameplateOf, type PluginSpec } from "./spec.ts";
import { asTool, nameProblem } from "./tools.ts";

export interface HostParts {
  clock: Clock;
  hash: Hash;
  home: string;
  /** False where nothing of a project is to count. */
  project: boolean;
  approvals: Approvals;
  loadedAt(cwd: string): Promise<Loaded>;
  /** Connects; what it costs to know how is paid with the first plugin. */
  connect(spec: PluginSpec, ears: PluginEars, root: string): Promise<PluginLink>;
  /** Something that a person should know, not tied to a call. */
  notify(root: string, plugin: string, level: "info" | "warning" | "error", text: string): void;
  /** A request of a plugin that is no MCP; `calls` are those of its tools that run, newest last. */
  asked(
    plugin: string,
    root: string,
    method: string,
    params: unknown,
    signal: AbortSignal,
    calls: readonly CallWorld[],
  ): Promise<Record<string, unknown>>;
  /** What a plugin contributes is different now. */
  changed(root: string, plugin: string, what: string): void;
}

export type PluginStatus = RunningState | { state: "disabled" } | { state: "unapproved"; changed: boolean };

/** One plugin in one folder. */
export interface Plugin {
  spec: PluginSpec;
  readonly identity: string;
  readonly status: PluginStatus;
  /** Null where it is not approved; whether its files are still what was approved is seen when it is started. */
  approval: Approval | null;
  /** The connection, started where it is not there. Rejects with a sentence, also where it is not approved. */
  link(): Promise<PluginLink>;
  /** Starts it, on a person's word to this very identity, and says what it offers; `digest` is that of the offer. */
  look(identity: string): Promise<{ link: PluginLink; offered: Offered; digest: string; changes: Change[] }>;
  /** From now on what it offers may be used; refused where it is not what was shown. */
  approve(identity: string, digest: string): Promise<void>;
  revoke(): Promise<void>;
  /** Ends it in every folder; where it is needed it starts anew, whatever happened before. */
  restart(): Promise<void>;
}

export interface Host {
  /** In the order of the configuration. */
  plugins(cwd: string): Promise<{ plugins: Plugin[]; problems: string[] }>;
  tools(plugin: Plugin): { tools: Tool[]; problems: string[] };
  /** Ends what was started of those that were named there. */
  end(source: string): Promise<void>;
  close(): Promise<void>;
}

/** Time in which a plugin has to be there. */
export const START_MS = 20_000;

const placeOf = (spec: PluginSpec, root: string): string => `${root}\n${spec.source}\n${spec.name}`;

interface Instance {
  identity: string;
  running: Running;
  /** Calls that are under way, newest last: who is asked where the plugin asks. */
  calls: CallWorld[];
  /** What it offers, asked for once and again when it says that something changed. */
  offered: Promise<Offered> | null;
  ears: PluginEars;
}

export function openHost(parts: HostParts): Host {
  const instances = new Map<string, Instance>();

  function instanceOf(spec: PluginSpec, identity: string, root: string): Instance {
    const key = placeOf(spec, root);
    const known = instances.get(key);
    if (known?.identity === identity) return known;
    void known?.running.close();
    const made = createInstance(parts, spec, identity, root);
    instances.set(key, made);
    return made;
  }

  function pluginOf(spec: PluginSpec, root: string): Plugin {
    const key = approvalKey(spec);
    const kept = parts.approvals.of(key);
    const nameplate = nameplateOf(spec, parts.hash);
    const approval = kept?.nameplate === nameplate ? kept : null;
    let identity: string | null = null;
    /** Reads every file that the command names, so it is asked for when something is started or shown. */
    const known = (): string => {
      identity ??= identityOf(spec, parts.hash);
      return identity;
    };
    const instance = (): Instance => instanceOf(spec, known(), root);
    const same = (given: string): void => {
      if (given !== known())
        throw new Error(`${spec.name} is not what was shown any more; look at it again before you approve it.`);
    };
    return {
      spec,
      approval,
      get identity() {
        return known();
      },
      get status(): PluginStatus {
        if (!spec.enabled) return { state: "disabled" };
        return approval?.identity === known()
          ? instance().running.state()
          : { state: "unapproved", changed: kept !== null };
      },
      async link() {
        if (!spec.enabled) throw new Error(`the plugin ${spec.name} is disabled`);
        if (approval?.identity !== known())
          throw new Error(
            `the plugin ${spec.name} is not approved as it is now; \`tutti plugins approve ${spec.name}\``,
          );
        const link = await instance().running.link();
        if (declares(link.declaration) === declares(approval.declaration)) return link;
        throw new Error(
          `what the plugin ${spec.name} declares is not what was approved, so it is not used; \`tutti plugins approve ${spec.name}\` shows what changed`,
        );
      },
      async look(given) {
        same(given);
        const link = await instance().running.link();
        const offered = await offer(instance(), link);
        return {
          link,
          offered,
          digest: digestOf(offered, parts.hash),
          changes: changes(kept ?? { tools: [], prompts: [], declaration: null }, offered),
        };
      },
      async approve(given, digest) {
        same(given);
        const offered = await offer(instance(), await instance().running.link());
        if (digestOf(offered, parts.hash) !== digest)
          throw new Error(
            `${spec.name} offers something else than what was shown; look at it again before you approve it.`,
          );
        await parts.approvals.set(key, { nameplate, identity: known(), at: parts.clock.now(), ...offered });
        parts.changed(root, spec.name, "tools");
      },
      async revoke() {
        await parts.approvals.set(key, null);
        const one = instances.get(placeOf(spec, root));
        instances.delete(placeOf(spec, root));
        await one?.running.close();
        parts.changed(root, spec.name, "tools");
      },
      async restart() {
        const mine = [...instances].filter(([at]) => at.endsWith(`\n${spec.source}\n${spec.name}`));
        for (const [at] of mine) instances.delete(at);
        await Promise.all(mine.map(([, { running }]) => running.close()));
      },
    };
  }

  return {
    async plugins(cwd) {
      const { specs, problems } = findPlugins(await parts.loadedAt(cwd), cwd, parts.home, parts.project);
      return { plugins: specs.map((spec) => pluginOf(spec, cwd)), problems };
    },
    tools(plugin) {
      const { spec, approval } = plugin;
      const problems: string[] = [];
      const tools = (approval?.tools ?? []).flatMap((tool) => {
        const problem = nameProblem(spec.name, tool.name);
        if (problem === null) return [asTool(spec.name, tool, (one, input, world) => call(plugin, one, input, world))];
        problems.push(`${spec.name}: ${problem}`);
        return [];
      });
      return { tools, problems };

      async function call(owner: Plugin, tool: PluginTool, input: Record<string, unknown>, world: CallWorld) {
        const instance = instanceOf(owner.spec, owner.identity, world.cwd);
        return callTool(parts, owner, instance, tool, input, world);
      }
    },
    async end(source) {
      const mine = [...instances].filter(([at]) => at.includes(`\n${source}\n`));
      for (const [at] of mine) instances.delete(at);
      await Promise.all(mine.map(([, { running }]) => running.close()));
    },
    async close() {
      await Promise.all([...instances.values()].map(({ running }) => running.close()));
    },
  };
}

function createInstance(parts: HostParts, spec: PluginSpec, identity: string, root: string): Instance {
  const { name } = spec;
  const ears: PluginEars = {
    changed(what) {
      instance.offered = null;
      parts.changed(root, name, what);
    },
    notify: (level, text) => parts.notify(root, name, level, text),
    async elicit(asked) {
      const world = instance.calls.at(-1);
      return world ? elicit(name, asked, world.ask) : { action: "cancel" };
    },
    asked: (method, params, signal) => parts.asked(name, root, method, params, signal, instance.calls),
    ended(why) {
      instance.offered = null;
      instance.running.ended(why);
    },
  };
  const off = (why: string): void => parts.notify(root, name, "warning", `It ended too often and is off now: ${why}`);
  const start = (): Promise<PluginLink> => parts.connect(spec, ears, root);
  const instance: Instance = {
    identity,
    running: createRunning(parts.clock, start, off),
    calls: [],
    offered: null,
    ears,
  };
  return instance;
}

function offer(instance: Instance, link: PluginLink): Promise<Offered> {
  instance.offered ??= offeredBy(link).catch((error: unknown) => {
    instance.offered = null;
    throw error;
  });
  return instance.offered;
}

async function callTool(
  { clock }: HostParts,
  { spec, link: open }: Plugin,
  instance: Instance,
  tool: PluginTool,
  input: Record<string, unknown>,
  world: CallWorld,
): Promise<PluginResult> {
  const link = await inTime(clock, open(), world.signal, `the plugin ${spec.name} did not start in time`);
  const { tools } = await offer(instance, link);
  const now = tools.find(({ name }) => name === tool.name);
  if (!now) throw new Error(`the plugin ${spec.name} has no tool ${tool.name} any more`);
  if (canonical(now) !== canonical(tool))
    throw new Error(
      `the tool ${printable(tool.name)} of the plugin ${spec.name} is not what was approved, so it is not used; \`tutti plugins approve ${spec.name}\` shows what changed`,
    );
  instance.calls.push(world);
  try {
    const onProgress = (text: string): void => world.output(printable(text, { keepNewlines: true }));
    return await link.call(tool.name, input, { signal: world.signal, timeoutMs: spec.timeoutMs, onProgress });
  } finally {
    instance.calls.splice(instance.calls.indexOf(world), 1);
  }
}

async function inTime<T>(clock: Clock, work: Promise<T>, signal: AbortSignal, late: string): Promise<T> {
  const over = new AbortController();
  const waited = clock.sleep(START_MS, AbortSignal.any([signal, over.signal])).then((): never => {
    throw new Error(signal.aborted ? "the turn was stopped" : late);
  });
  waited.catch(() => undefined);
  try {
    return await Promise.race([work, waited]);
  } finally {
    over.abort();
  }
}
