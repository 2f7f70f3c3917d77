/**
 * The plugins of each open folder: which are configured, approved and running. A plugin starts only if it is approved in its current
 * state, and only what was approved exactly is used.
 */
import { TuttiError } from "../../protocol/errors.ts";
import { printable } from "../../protocol/printable.ts";
import { toCanonicalJson } from "../config/canonical-json.ts";
import type { LoadedConfig } from "../config/config.ts";
import type { Environment } from "../config/paths.ts";
import { findPlugins } from "../config/plugin-sources.ts";
import { fingerprintOf, identityOf, nameplateOf, type PluginSpec } from "../config/plugin-spec.ts";
import type { Clock, Hash, Tool, ToolCallContext } from "../ports.ts";
import {
  diffOffer,
  fetchOffer,
  hashOffer,
  normalizeDeclaration,
  type OfferChange,
  type PluginOffer,
} from "./approval-diff.ts";
import type { ApprovalReminders } from "./approval-reminders.ts";
import { type Approval, type Approvals, getApprovalKey } from "./approvals.ts";
import { elicit } from "./elicitation.ts";
import type { PluginConnection, PluginEvents, PluginResult, PluginTool } from "./plugin-connection.ts";
import { createRunningPlugin, type RunningPlugin, type RunningState } from "./running-plugin.ts";
import { getToolName, toTool } from "./tools.ts";

export interface HostDeps {
  clock: Clock;
  hash: Hash;
  home: string;
  env: Environment;
  /** False if project configuration is ignored. */
  project: boolean;
  approvals: Approvals;
  reminders: ApprovalReminders;
  loadConfig(cwd: string): Promise<LoadedConfig>;
  /** Connects. The MCP SDK is loaded with the first plugin. */
  connect(spec: PluginSpec, events: PluginEvents, root: string): Promise<PluginConnection>;
  /** A notice for the user that belongs to no call. */
  notify(root: string, plugin: string, level: "info" | "warning" | "error", text: string): void;
  /** A `tutti/…` request of a plugin. `calls` are its running tool calls, newest last. */
  handleRequest(
    plugin: string,
    root: string,
    method: string,
    params: unknown,
    signal: AbortSignal,
    calls: readonly ToolCallContext[],
  ): Promise<Record<string, unknown>>;
  /** A plugin's contributions have changed. */
  onChanged(root: string, plugin: string, kind: string): void;
}

export type PluginStatus = RunningState | { state: "disabled" } | { state: "unapproved"; changed: boolean };

/** One plugin in one folder. */
export interface Plugin {
  spec: PluginSpec;
  readonly identity: string;
  readonly status: PluginStatus;
  /** Null if it is not approved. Whether its files have changed is checked when it is started. */
  approval: Approval | null;
  /** The connection; starts the plugin if necessary. Rejects with a message for the user, also if it is not approved. */
  connect(): Promise<PluginConnection>;
  /** Starts the plugin, after the user has confirmed this identity, and returns what it offers with its digest. */
  inspect(
    identity: string,
  ): Promise<{ connection: PluginConnection; offered: PluginOffer; digest: string; changes: OfferChange[] }>;
  /** Approves what it offers; rejects if that is not what was shown. */
  approve(identity: string, digest: string): Promise<void>;
  /** Records that the user is warned that it is not approved. Resolves with false if they were warned since it last changed. */
  recordReminder(): Promise<boolean>;
  revoke(): Promise<void>;
  /** Stops it in all folders; it starts again when needed, and its failures are forgotten. */
  restart(): Promise<void>;
}

export interface Host {
  /** In the order of the configuration. */
  plugins(cwd: string): Promise<{ plugins: Plugin[]; problems: string[]; remarks: string[] }>;
  /** The approved tools that can be offered. What is wrong with others was shown at the approval. */
  tools(plugin: Plugin): Tool[];
  /** Stops the running plugins of a source. */
  stopSource(source: string): Promise<void>;
  close(): Promise<void>;
}

/** Time limit for the start of a plugin. */
export const START_MS = 20_000;

const getInstanceKey = (spec: PluginSpec, root: string): string => `${root}\n${spec.source}\n${spec.name}`;

interface Instance {
  identity: string;
  running: RunningPlugin;
  /** Running calls, newest last. The newest one asks the user if the plugin asks something. */
  calls: ToolCallContext[];
  /** What it offers; requested again after a change notification. */
  offered: Promise<PluginOffer> | null;
  events: PluginEvents;
}

export function openHost(deps: HostDeps): Host {
  const instances = new Map<string, Instance>();

  function getInstance(spec: PluginSpec, identity: string, root: string): Instance {
    const key = getInstanceKey(spec, root);
    const known = instances.get(key);
    if (known?.identity === identity) return known;
    void known?.running.close();
    const created = createInstance(deps, spec, identity, root);
    instances.set(key, created);
    return created;
  }

  function createPlugin(spec: PluginSpec, root: string): Plugin {
    const key = getApprovalKey(spec);
    const stored = deps.approvals.get(key);
    const nameplate = nameplateOf(spec, deps.hash);
    const approval = stored?.nameplate === nameplate ? stored : null;
    let identity: string | null = null;
    /** Reads every file that the command names, so it runs only if something is started or shown. */
    const readIdentity = (): string => (identity ??= identityOf(spec, deps.hash, deps.env));
    const instance = (): Instance => getInstance(spec, readIdentity(), root);
    const requireIdentity = (expected: string): void => {
      if (expected !== readIdentity())
        throw new Error(`${spec.name} has changed since it was shown; inspect it again before you approve it.`);
    };
    return {
      spec,
      approval,
      get identity() {
        return readIdentity();
      },
      get status(): PluginStatus {
        if (!spec.enabled) return { state: "disabled" };
        return approval?.identity === readIdentity()
          ? instance().running.state()
          : { state: "unapproved", changed: stored !== null };
      },
      async connect() {
        if (!spec.enabled) throw new Error(`the plugin ${spec.name} is disabled`);
        if (approval?.identity !== readIdentity())
          throw new Error(`the plugin ${spec.name} is not approved; run \`tutti plugins approve ${spec.name}\``);
        const connection = await instance().running.connect();
        if (normalizeDeclaration(connection.declaration) === normalizeDeclaration(approval.declaration))
          return connection;
        throw new Error(
          `the declaration of the plugin ${spec.name} is not what was approved, so it is not used; \`tutti plugins approve ${spec.name}\` shows what changed`,
        );
      },
      async inspect(shownIdentity) {
        requireIdentity(shownIdentity);
        const connection = await instance().running.connect();
        const offered = await getOffer(instance(), connection);
        return {
          connection,
          offered,
          digest: hashOffer(offered, deps.hash),
          changes: diffOffer(stored ?? { tools: [], prompts: [], declaration: null }, offered),
        };
      },
      async approve(shownIdentity, digest) {
        requireIdentity(shownIdentity);
        const offered = await getOffer(instance(), await instance().running.connect());
        if (hashOffer(offered, deps.hash) !== digest)
          throw new Error(
            `${spec.name} offers something else than what was shown; inspect it again before you approve it.`,
          );
        await deps.approvals.set(key, { nameplate, identity: readIdentity(), at: deps.clock.now(), ...offered });
        deps.onChanged(root, spec.name, "tools");
      },
      recordReminder: () => deps.reminders.record(key, fingerprintOf(spec, deps.hash, deps.env), readIdentity),
      async revoke() {
        await deps.approvals.set(key, null);
        const revoked = instances.get(getInstanceKey(spec, root));
        instances.delete(getInstanceKey(spec, root));
        await revoked?.running.close();
        deps.onChanged(root, spec.name, "tools");
      },
      async restart() {
        const own = [...instances].filter(([key]) => key.endsWith(`\n${spec.source}\n${spec.name}`));
        for (const [key] of own) instances.delete(key);
        await Promise.all(own.map(([, { running }]) => running.close()));
      },
    };
  }

  return {
    async plugins(cwd) {
      const { specs, problems, remarks } = findPlugins(await deps.loadConfig(cwd), cwd, deps.home, deps.project);
      return { plugins: specs.map((spec) => createPlugin(spec, cwd)), problems, remarks };
    },
    tools(plugin) {
      const { spec, approval } = plugin;
      const tools = new Map<string, Tool>();
      for (const tool of approval?.tools ?? []) {
        const name = getToolName(spec.name, tool.name);
        if (name === null || tools.has(name)) continue;
        tools.set(
          name,
          toTool(name, tool, (called, input, context) => call(plugin, called, input, context)),
        );
      }
      return [...tools.values()];

      async function call(owner: Plugin, tool: PluginTool, input: Record<string, unknown>, context: ToolCallContext) {
        const instance = getInstance(owner.spec, owner.identity, context.cwd);
        return callApprovedTool(deps, owner, instance, tool, input, context);
      }
    },
    async stopSource(source) {
      const own = [...instances].filter(([key]) => key.includes(`\n${source}\n`));
      for (const [key] of own) instances.delete(key);
      await Promise.all(own.map(([, { running }]) => running.close()));
    },
    async close() {
      await Promise.all([...instances.values()].map(({ running }) => running.close()));
    },
  };
}

function createInstance(deps: HostDeps, spec: PluginSpec, identity: string, root: string): Instance {
  const { name } = spec;
  const events: PluginEvents = {
    onChanged(kind) {
      instance.offered = null;
      deps.onChanged(root, name, kind);
    },
    notify: (level, text) => deps.notify(root, name, level, text),
    async elicit(request) {
      const context = instance.calls.at(-1);
      return context ? elicit(name, request, context.ask) : { action: "cancel" };
    },
    handleRequest: (method, params, signal) => deps.handleRequest(name, root, method, params, signal, instance.calls),
    onEnded(reason) {
      instance.offered = null;
      instance.running.reportEnd(reason);
    },
  };
  const onDisabled = (reason: string): void =>
    deps.notify(root, name, "warning", `It ended too often and is now off: ${reason}`);
  const start = (): Promise<PluginConnection> => deps.connect(spec, events, root);
  const instance: Instance = {
    identity,
    running: createRunningPlugin(deps.clock, start, onDisabled),
    calls: [],
    offered: null,
    events,
  };
  return instance;
}

function getOffer(instance: Instance, connection: PluginConnection): Promise<PluginOffer> {
  instance.offered ??= fetchOffer(connection).catch((error: unknown) => {
    instance.offered = null;
    throw error;
  });
  return instance.offered;
}

async function callApprovedTool(
  { clock }: HostDeps,
  { spec, connect: open }: Plugin,
  instance: Instance,
  tool: PluginTool,
  input: Record<string, unknown>,
  context: ToolCallContext,
): Promise<PluginResult> {
  const connection = await withStartTimeout(
    clock,
    open(),
    context.signal,
    `the plugin ${spec.name} did not start in time`,
  );
  const { tools } = await getOffer(instance, connection);
  const now = tools.find(({ name }) => name === tool.name);
  if (!now) throw new Error(`the plugin ${spec.name} no longer has the tool ${tool.name}`);
  if (toCanonicalJson(now) !== toCanonicalJson(tool))
    throw new Error(
      `the tool ${printable(tool.name)} of the plugin ${spec.name} is not what was approved, so it is not used; \`tutti plugins approve ${spec.name}\` shows what changed`,
    );
  const limited = limitQuestions(context, spec.name);
  instance.calls.push(limited);
  try {
    const onProgress = (text: string): void => context.output(printable(text, { keepNewlines: true }));
    return await connection.call(tool.name, input, { signal: context.signal, timeoutMs: spec.timeoutMs, onProgress });
  } finally {
    instance.calls.splice(instance.calls.indexOf(limited), 1);
  }
}

/** Questions that one call may ask: enough for a long form with corrections. */
const MAX_QUESTIONS = 30;

function limitQuestions(context: ToolCallContext, plugin: string): ToolCallContext {
  let count = 0;
  return {
    ...context,
    ask(...question) {
      count += 1;
      if (count <= MAX_QUESTIONS) return context.ask(...question);
      const problem = `The plugin ${plugin} asked more than ${MAX_QUESTIONS} questions in one call. The rest are rejected.`;
      if (count === MAX_QUESTIONS + 1) context.output(`${problem}\n`);
      return Promise.reject(new TuttiError("refused", problem));
    },
  };
}

async function withStartTimeout<T>(clock: Clock, work: Promise<T>, signal: AbortSignal, message: string): Promise<T> {
  const settled = new AbortController();
  const timeout = clock.sleep(START_MS, AbortSignal.any([signal, settled.signal])).then((): never => {
    throw new Error(signal.aborted ? "the turn was cancelled" : message);
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    settled.abort();
  }
}
