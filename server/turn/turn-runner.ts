/** Connects a session to the agent loop: model, tools, instructions, permissions and hooks. One call runs one turn. */
import { TuttiError } from "../../protocol/errors.ts";
import type { FileChange, Settings } from "../../protocol/events.ts";
import { formatAnswer } from "../../protocol/questions.ts";
import { runTurn } from "../agent/agent-loop.ts";
import { createDeltaBatcher } from "../agent/delta-batcher.ts";
import {
  buildSystemPrompt,
  buildToolSpecs,
  choosePromptSize,
  type Environment,
  type PromptSize,
} from "../agent/system-prompt.ts";
import { getCallSignature } from "../agent/tool-calls.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
  type PermissionDecision,
  type TurnContext,
  type TurnPosition,
  type TurnResult,
} from "../agent/turn-context.ts";
import type { Agent, Agents } from "../definitions/agent.ts";
import type { LoadedInstructions } from "../instructions/agents-md.ts";
import { dependsOnContext, limitInstructions } from "../instructions/limit-instructions.ts";
import type { PermissionRequest } from "../permission/judge.ts";
import type { HookDispatcher } from "../plugins/hooks.ts";
import type { TurnPlugins } from "../plugins/turn-plugins.ts";
import type { Clock, Hash, Model, ProcessSpec, Tool, ToolCallContext, ToolContext, ToolSpec } from "../ports.ts";
import { writeHandOver } from "../routing/hand-over.ts";
import { SHELL_AGENT } from "../session/history.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import type { Subagents } from "../subagents.ts";
import type { TaskParent } from "../tasks/task-parent.ts";
import { createTaskTools } from "../tools/task-tools.ts";
import { type AgentConfig, applyAgent, formatAgentPrompt, offersTool } from "./apply-agent.ts";
import { chooseCut, summarizeHistory } from "./compact.ts";
import { listImages } from "./context-budget.ts";
import { openContextWindow } from "./context-window.ts";
import { createTurnHooks, type TurnHookRunner } from "./hooks.ts";
import { createRoutedTask, type RoutingConfig } from "./routed-task.ts";
import { createTurnRouter, type TurnRoute, type TurnRouter } from "./turn-router.ts";

export interface TurnRunnerDeps {
  clock: Clock;
  hash: Hash;
  openModel(name: string | undefined, cwd: string): Promise<{ model: Model; reason: string; warnings: string[] }>;
  toolsFor(model: Model): readonly Tool[];
  /** `listChanges` returns the session's file changes; it is called if the session has no context yet. */
  toolContext(session: string, cwd: string, listChanges: () => FileChange[]): ToolContext;
  judge(request: PermissionRequest): Promise<PermissionDecision>;
  /** The configuration for turns in a folder. */
  configFor(
    cwd: string,
  ): Promise<AgentConfig & RoutingConfig & { sandbox: string; effort?: NonNullable<Settings["effort"]> }>;
  agents(cwd: string): Promise<Agents>;
  /** Null if the session may start no agent. */
  subagents(parent: TaskParent): Subagents | null;
  instructions(cwd: string): Promise<LoadedInstructions>;
  environment(cwd: string): Promise<Environment>;
  holdBack(text: string): number;
  /** Removes known keys. */
  redact(text: string): string;
  /** Tools and hooks of the plugins for a turn in this folder. */
  turnPlugins(session: string, cwd: string): Promise<TurnPlugins>;
}

/** What a request contains before its messages. */
interface RequestFrame {
  system: string;
  specs: ToolSpec[];
  /** Both, for measuring. */
  text: string;
}

export function createTurnRunner(deps: TurnRunnerDeps) {
  /**
   * By model and configured context: sizes that endpoints named when a request did not fit. They are not stored, since learning one
   * again takes one request, and an endpoint may be given a larger context.
   */
  const learnedContexts = new Map<string, number>();
  return async function run(
    session: TurnSession,
    requested: Settings,
    continued: ContinuedTurn | null = null,
  ): Promise<TurnResult> {
    const view = session.view();
    const { id, cwd } = view;
    const { effort: defaultEffort, ...config } = await deps.configFor(cwd);
    refuseWithoutSandbox(config);
    const agents = await deps.agents(cwd);
    const { agent, settings, mode } = applyAgent(agents, requested, config, view.task !== undefined);
    const task = createRoutedTask(view, session.turn, settings, agent, config);
    const router = continued?.router ?? createTurnRouter(deps, task);
    const route = continued?.route ?? (await router.open());
    const { model, reason, warnings, tier, routing } = route;
    const effortLevel = requested.effort ?? route.effort ?? agent.effort ?? defaultEffort;
    const effort = effortLevel === undefined ? {} : { effort: effortLevel };
    const plugins = await deps.turnPlugins(id, cwd);
    const subagents = deps.subagents({ session: id, agent, agents, settings, mode });
    const tools = offerTools(deps.toolsFor(model), { model, agent, subagents, plugins });
    const listed = tools.filter(plugins.isListed);
    const { id: name } = model;
    const contextKey = `${name} ${model.context}`;
    const context = learnedContexts.get(contextKey) ?? model.context;
    const names = listed.map((tool) => tool.name);
    const hooks = createTurnHooks(plugins.hooks, session, names);
    const routed = {
      type: "model.routed",
      turn: session.turn,
      model: name,
      reason,
      context,
      tools: names,
      ...effort,
      ...(tier && { tier }),
      ...(routing && { routing }),
    } as const;
    session.append(routed);
    const noSandbox = (settings.sandbox ?? config.sandbox) === "on" ? [NO_SANDBOX] : [];
    for (const text of [...warnings, ...plugins.warnings, ...noSandbox]) warn(session, text);
    const start = session.history.instructions() === null ? "new" : "resumed";
    const blocked = continued ? null : await hooks.begin(plugins.firstTurn ? start : null);
    if (blocked) return finishTurn(hooks, blocked);

    const prepareRequest = async (limit: number | null): Promise<RequestFrame> => {
      const size = choosePromptSize({ ...model, context: limit });
      const system = await ensureInstructions(deps, session, agent, { size, context: limit }, () =>
        hooks.instructions(name),
      );
      const specs = buildToolSpecs(listed, size);
      return { system, specs, text: system + JSON.stringify(specs) };
    };
    let frame = await prepareRequest(context);
    const toolContext = withShellEnv(deps.toolContext(id, cwd, session.changes), plugins.hooks, hooks);
    const window = openContextWindow({
      session,
      toolContext,
      model: { id: name, context },
      fixedText: () => frame.text,
      redact: deps.redact,
      async compact(reason, step, budget) {
        const keep = await hooks.beforeCompaction(reason);
        const request = { system: frame.system, tools: frame.specs, cacheKey: id };
        return compact(session, model, request, budget, { reason, step, keep });
      },
      async onContextLearned(learned) {
        learnedContexts.set(contextKey, learned);
        const reason = `its endpoint accepts ${learned} tokens`;
        session.append({ ...routed, reason, context: learned });
        frame = await prepareRequest(learned);
      },
    });
    let next: TurnRoute | null = null;
    const loop: TurnContext = {
      ...window,
      turn: session.turn,
      model,
      tools,
      toolSpecs: () => frame.specs,
      toolContext,
      clock: deps.clock,
      limits: getLimits(settings),
      signal: session.signal,
      aborted: new Promise((resolve) => session.signal.addEventListener("abort", () => resolve(), { once: true })),
      settings: { ...effort, cacheKey: id, ...(settings.answerSchema && { answerSchema: settings.answerSchema }) },
      append(event) {
        session.append(event);
        if (event.type === "usage.counted") window.onUsage(event.usage);
        router.observe(event);
        hooks.onEvent(event);
      },
      holdBack: deps.holdBack,
      sync: session.sync,
      hooks,
      system: () => frame.system,
      takeSteering: session.takeSteering,
      judge: (tool, input, accesses) =>
        deps.judge({ tool, input, accesses, session: id, cwd, settings, approved: session.approvedRules() }),
      ask: session.ask,
      toolCallContext: (call) =>
        createToolCallContext(deps, session, toolContext, call, { onFileChanged: hooks.fileChanged, subagents }),
      async replaceModel(cause, step) {
        next = await router.replace(cause);
        if (next && cause !== "fault" && !config.routing?.carryHistory) await handOver(session, step);
        return next !== null;
      },
      earlierCalls: continued ? [] : getEarlierCalls(session),
    };
    const result = await runTurn(loop, continued?.position);
    if (!("next" in result)) return finishTurn(hooks, result);
    return next ? run(session, requested, { router, route: next, position: result.next }) : { outcome: "failed" };
  };
}

interface ToolSource {
  model: Model;
  agent: Agent;
  subagents: Subagents | null;
  plugins: TurnPlugins;
}

function offerTools(own: readonly Tool[], { model, agent, subagents, plugins }: ToolSource): Tool[] {
  if (!model.tools) return [];
  const all = [...own, ...(subagents ? createTaskTools(subagents) : []), ...plugins.tools];
  return all.filter((tool) => offersTool(agent, tool));
}

/** A turn that another model continues. */
interface ContinuedTurn {
  router: TurnRouter;
  route: TurnRoute;
  position: TurnPosition;
}

/** The model that continues the turn gets a summary in place of the history, unless images would be lost. */
async function handOver(session: TurnSession, step: number): Promise<void> {
  const { turn } = session;
  const messages = session.history.messages({ turn, step });
  const upTo = session.history.envelopeMarks().at(-1);
  if (upTo === undefined || messages.some((message) => listImages(message).length > 0)) return;
  const summary = writeHandOver(session.envelopes(), turn);
  session.append({ type: "history.compacted", turn, upTo, summary, reason: "another model continues" });
  await session.sync();
}

async function finishTurn(hooks: TurnHookRunner, result: TurnResult): Promise<TurnResult> {
  await hooks.afterTurn(result);
  return result;
}

/** Adds the variables of hooks to the environment of commands. */
function withShellEnv(context: ToolContext, dispatcher: HookDispatcher, hooks: TurnHookRunner): ToolContext {
  if (!dispatcher.hasListener("shell.env")) return context;
  const { processes } = context;
  const withEnv = async (spec: ProcessSpec): Promise<ProcessSpec> => ({
    ...spec,
    env: { ...(await hooks.shellEnv()), ...spec.env },
  });
  return {
    ...context,
    processes: {
      ...processes,
      run: async (spec) => processes.run(await withEnv(spec)),
      background: async (spec) => processes.background(await withEnv(spec)),
    },
  };
}

const NO_SANDBOX =
  "The sandbox is on, but this version of Tutti has none: commands run with your rights. Use a container, or --sandbox off.";

export function refuseWithoutSandbox({ sandbox }: { sandbox: string }): void {
  if (sandbox !== "required") return;
  throw new TuttiError("sandbox", "The configuration requires a sandbox, and this version of Tutti has none.");
}

/** The session's instructions; loaded if there are none, or if they differ for this prompt size or this context. */
async function ensureInstructions(
  deps: TurnRunnerDeps,
  session: TurnSession,
  agent: Agent,
  { size, context }: { size: PromptSize; context: number | null },
  loadFromHooks: () => Promise<string[]>,
): Promise<string> {
  const { cwd, task } = session.view();
  const known = session.history.instructions();
  const agentPrompt = formatAgentPrompt(agent, task !== undefined);
  const named = agentPrompt === "" ? {} : { agent: agent.name };
  const isSame = known?.size === size && known.agent === named.agent;
  const isKnown = isSame && (known.context === context || !dependsOnContext(known.text, context));
  if (isKnown) return known.text;
  const [loaded, environment] = await Promise.all([deps.instructions(cwd), deps.environment(cwd)]);
  const { files, shortened } = limitInstructions(loaded.files, context);
  for (const text of loaded.warnings) warn(session, text);
  for (const path of shortened)
    warn(session, `${path} is too long for the context of this model. The rest was skipped.`);
  const parts = [buildSystemPrompt(size, environment, files), agentPrompt, ...(await loadFromHooks())];
  const text = parts.filter((part) => part !== "").join("\n\n");
  const sources = files.map((file) => ({ path: file.path, hash: deps.hash(file.text) }));
  session.append({ type: "instructions.loaded", text, size, ...named, sources }, SERVER_AUTHOR);
  return text;
}

/** Shows a warning once per session, since it would repeat in every turn. */
function warn(session: TurnSession, text: string): void {
  if (session.view().parts.some((part) => part.type === "notice" && part.text === text)) return;
  session.append({ type: "notice.shown", level: "warning", text }, SERVER_AUTHOR);
}

const getLimits = ({ maxSteps, maxCost }: Settings): Limits => ({
  ...DEFAULT_LIMITS,
  ...(maxSteps !== undefined && { steps: maxSteps }),
  ...(maxCost !== undefined && { cost: maxCost }),
});

interface CallOptions {
  onFileChanged(call: string, change: FileChange): Promise<void>;
  subagents: Subagents | null;
}

export function createToolCallContext(
  deps: Pick<TurnRunnerDeps, "clock" | "holdBack">,
  session: TurnSession,
  context: ToolContext,
  call: string,
  { onFileChanged, subagents }: CallOptions = { onFileChanged: async () => undefined, subagents: null },
): ToolCallContext {
  /** An interrupted tool may still produce output after its call has ended. */
  const isRunning = (): boolean => {
    const part = session.view().parts.findLast(({ id }) => id === call);
    return part?.type === "call" && part.state === "running";
  };
  const batcher = createDeltaBatcher(deps.clock, deps.holdBack, (text) => {
    if (isRunning()) session.append({ type: "call.output", call, text });
  });
  return {
    ...context,
    call,
    signal: session.signal,
    output(text) {
      if (isRunning()) batcher.add(text);
    },
    async ask(title, detail, choices, freeText) {
      const resolution = await session.ask({ kind: "choice", call, title, detail, choices, freeText });
      return resolution && formatAnswer(resolution.answer);
    },
    subagents,
    async updatePlan(items) {
      session.append({ type: "plan.updated", items });
    },
    async fileChanged(change) {
      session.append({ type: "file.changed", call, change });
      await session.sync();
      await onFileChanged(call, change);
    },
  };
}

async function compact(
  session: TurnSession,
  model: Model,
  request: { system: string; tools: ToolSpec[]; cacheKey: string },
  budget: number | null,
  { reason, step, keep }: { reason: string; step: number; keep: readonly string[] },
): Promise<boolean> {
  const { turn } = session;
  const messages = session.history.messages({ turn, step });
  const cut = chooseCut(messages, budget);
  const upTo = session.history.envelopeMarks()[cut - 1];
  if (upTo === undefined) return false;
  const compacted = await summarizeHistory(model, request, messages.slice(0, cut), budget, session.signal);
  if (!compacted) return false;
  if (compacted.usage) session.append({ type: "usage.counted", turn, step, model: model.id, usage: compacted.usage });
  session.append({ type: "history.compacted", turn, upTo, summary: [compacted.summary, ...keep].join("\n\n"), reason });
  await session.sync();
  return true;
}

/** Enough calls to detect a loop of two alternating calls. */
const EARLIER_CALLS = 2 * DEFAULT_LIMITS.identicalCalls;

function getEarlierCalls(session: TurnSession): string[] {
  const calls: string[] = [];
  const { parts } = session.view();
  const shellTurns = new Set(
    parts.flatMap((part) => (part.type === "prompt" && part.agent === SHELL_AGENT ? [part.turn] : [])),
  );
  for (const part of parts.toReversed()) {
    if (part.type !== "call" || shellTurns.has(part.turn)) continue;
    if (calls.push(getCallSignature(part.name, part.input, part.output)) === EARLIER_CALLS) break;
  }
  return calls.reverse();
}
