/** Connects a session to the agent loop: model, tools, instructions, permissions and hooks. One call runs one turn. */
import type { EventOf, FileChange, Settings } from "../../protocol/events.ts";
import { runTurn } from "../agent/agent-loop.ts";
import { buildToolSpecs, choosePromptSize } from "../agent/system-prompt.ts";
import { getCallSignature } from "../agent/tool-calls.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
  type PermissionDecision,
  type TurnContext,
  type TurnPosition,
  type TurnResult,
} from "../agent/turn-context.ts";
import type { Agent } from "../definitions/agent.ts";
import type { PermissionRequest } from "../permission/judge.ts";
import type { HookDispatcher } from "../plugins/hooks.ts";
import type { Model, ProcessSpec, Tool, ToolContext, ToolSpec } from "../ports.ts";
import { SHELL_AGENT } from "../session/history.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { noteMentions } from "./agent-mentions.ts";
import { type CallContextDeps, createToolCallContext } from "./call-context.ts";
import type { CompactionFrame } from "./compact.ts";
import { estimateTextTokens, listImages } from "./context-budget.ts";
import { openContextWindow } from "./context-window.ts";
import type { RunInput } from "./expand-prompt.ts";
import type { PromptCommand } from "./find-prompt-command.ts";
import { createTurnHooks, type TurnHookRunner } from "./hooks.ts";
import { ensureInstructions, type InstructionsDeps, warn } from "./instructions.ts";
import { type OpenedTurn, type OpenTurnDeps, openTurn } from "./open-turn.ts";
import type { TurnRoute, TurnRouter } from "./turn-router.ts";
import type { TurnSkills } from "./turn-skills.ts";

export interface TurnRunnerDeps extends OpenTurnDeps, InstructionsDeps, CallContextDeps {
  /** `listChanges` returns the session's file changes; it is called if the session has no context yet. */
  toolContext(session: string, cwd: string, listChanges: () => FileChange[]): ToolContext;
  judge(request: PermissionRequest): Promise<PermissionDecision>;
  /** Removes known keys. */
  redact(text: string): string;
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
  async function run(
    plainSession: TurnSession,
    requested: Settings,
    { continued = null, compaction }: { continued?: ContinuedTurn | null; compaction?: Compaction },
  ): Promise<TurnResult> {
    const { id, cwd } = plainSession.view();
    const opened = await openTurn(deps, plainSession, requested, continued, compaction !== undefined);
    const session = observeTurn(plainSession, opened);
    const { config, agent, settings, skills, router, route, effort, plugins, subagents, tools } = opened;
    const { model } = route;
    const listed = tools.filter(plugins.isListed);
    const names = listed.map((tool) => tool.name);
    const name = model.id;
    const contextKey = `${name} ${model.context}`;
    const context = learnedContexts.get(contextKey) ?? model.context;
    const hooks = createTurnHooks(plugins.hooks, session, names);
    const routed = createRoutedEvent(session, opened, listed, context);
    session.append(routed);
    for (const text of opened.warnings) warn(session, text);
    const judge = addReadRules(deps, skills);
    const refused = continued ? null : await beginTurn(deps, session, opened, { judge, hooks });
    if (refused) return refused;

    const prepareRequest = async (limit: number | null): Promise<RequestFrame> => {
      const size = choosePromptSize({ ...model, context: limit });
      const load = async () => [
        ...(await loadAgentSkills(session, agent, skills)),
        ...(await hooks.instructions(name)),
      ];
      const system = await ensureInstructions(deps, session, agent, { size, context: limit }, load);
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
      async compact(input) {
        const { collectKeptTexts, compactHistory } = await loadCompaction();
        const fromHooks = await hooks.beforeCompaction(input.reason);
        const more = [...(await skills.keep(session, input.budget)), ...fromHooks.keep];
        const keep = async () =>
          collectKeptTexts({ session, toolContext, restarted: await hooks.restart() }, input.budget, more);
        const current = { system: frame.system, tools: frame.specs, ...effort, cacheKey: id };
        const asked = { ...input, context: fromHooks.context };
        return compactHistory(session, model, { current, last: tracked.last() }, asked, keep);
      },
      async onContextLearned(learned) {
        learnedContexts.set(contextKey, learned);
        const reason = `its endpoint accepts ${learned} tokens`;
        const toolTokens = measureTools(listed, { ...model, context: learned });
        session.append({ ...routed, reason, context: learned, toolTokens });
        frame = await prepareRequest(learned);
      },
    });
    const tracked = trackRequests(model);
    if (compaction) return (await loadCompaction()).runCompactionTurn(session, window, compaction.focus);
    let next: TurnRoute | null = null;
    const loop: TurnContext = {
      ...window,
      turn: session.turn,
      model: tracked.model,
      tools,
      toolSpecs: () => frame.specs,
      toolContext,
      clock: deps.clock,
      limits: getLimits(settings, route),
      signal: session.signal,
      aborted: new Promise((resolve) => session.signal.addEventListener("abort", () => resolve(), { once: true })),
      settings: { ...effort, cacheKey: id, ...(settings.answerSchema && { answerSchema: settings.answerSchema }) },
      append(event) {
        session.append(event);
        if (event.type === "usage.counted") window.onUsage(event.usage);
        hooks.onEvent(event);
      },
      holdBack: deps.holdBack,
      sync: session.sync,
      hooks,
      system: () => frame.system,
      takeSteering: () => takeSteering(deps, session, { tools, judge, settings }),
      judge: (tool, input, accesses) =>
        judge({ tool, input, accesses, session: id, cwd, settings, approved: session.approvedRules() }),
      ask: session.ask,
      toolCallContext: (call) =>
        createToolCallContext(deps, session, toolContext, call, { onFileChanged: hooks.fileChanged, subagents }),
      async replaceModel(cause, step) {
        next = await router.replace(cause);
        if (next && cause !== "fault") await handOver(session, step, next, config.routing?.carryHistory ?? false);
        return next !== null;
      },
      earlierCalls: continued ? [] : getEarlierCalls(session),
    };
    const result = await runTurn(loop, continued?.position);
    if (!("next" in result)) return finishTurn(hooks, result);
    if (!next) return { outcome: "failed" };
    return run(plainSession, requested, { continued: { router, route: next, position: result.next } });
  }
  return (session: TurnSession, requested: Settings, compaction?: Compaction): Promise<TurnResult> => {
    if (!compaction) return run(session, requested, {});
    // The model that holds the conversation in its cache.
    const { model } = session.view();
    return run(session, { ...requested, ...(model !== "" && { model }) }, { compaction });
  };
}

/** Most runs need no compaction. */
async function loadCompaction() {
  const [{ compactHistory }, { collectKeptTexts }, { runCompactionTurn }] = await Promise.all([
    import("./compact.ts"),
    import("./kept-context.ts"),
    import("./compaction-turn.ts"),
  ]);
  return { compactHistory, collectKeptTexts, runCompactionTurn };
}

/** A turn without a prompt, which only compacts the history. */
interface Compaction {
  focus: string;
}

/** A turn that another model continues. */
interface ContinuedTurn {
  router: TurnRouter;
  route: TurnRoute;
  position: TurnPosition;
}

/** `last`: what the last request contained apart from its messages. */
function trackRequests(model: Model): { model: Model; last(): CompactionFrame["last"] } {
  let last: CompactionFrame["last"] = null;
  return {
    last: () => last,
    model: {
      ...model,
      stream(request, signal) {
        const { messages: _messages, after: _after, ...frame } = request;
        last = frame;
        return model.stream(request, signal);
      },
    },
  };
}

/** Usage is counted with the tier of the model, and the router sees every event. */
const observeTurn = (session: TurnSession, { route: { tier }, router }: OpenedTurn): TurnSession => ({
  ...session,
  append(event, by) {
    router.observe(event);
    return session.append(event.type === "usage.counted" && tier ? { ...event, tier } : event, by);
  },
});

/** The model that continues the turn gets a summary in place of the history, unless images would be lost. */
async function handOver(session: TurnSession, step: number, { routing }: TurnRoute, carry: boolean): Promise<void> {
  const { turn } = session;
  const isEasier = routing?.source === "deescalation";
  // A cheaper model that reads the whole history would cost more than the model that has it in its cache.
  if (carry && !isEasier) return;
  const messages = session.history.messages({ turn, step });
  const upTo = session.history.envelopeMarks().at(-1);
  if (upTo === undefined || messages.some((message) => listImages(message).length > 0)) return;
  const { writeHandOver } = await import("../routing/hand-over.ts");
  const summary = writeHandOver(session.envelopes(), turn, isEasier ? "plan" : "stuck");
  session.append({ type: "history.compacted", turn, upTo, summary, reason: "another model continues" });
  await session.sync();
}

/** Expands the prompt, and calls the hooks that may refuse it. Null if the turn goes on. */
async function beginTurn(
  deps: TurnRunnerDeps,
  session: TurnSession,
  { command, tools, settings, plugins, subagents }: OpenedTurn,
  { judge, hooks }: { judge: TurnRunnerDeps["judge"]; hooks: TurnHookRunner },
): Promise<TurnResult | null> {
  const problem = await expandCommand(deps, session, command, { tools, judge, settings });
  if (problem !== null) return { outcome: "failed", failure: { code: "refused", message: problem } };
  const start = session.history.instructions() === null ? "new" : "resumed";
  const blocked = await hooks.begin(plugins.firstTurn ? start : null);
  if (blocked) return finishTurn(hooks, blocked);
  noteMentions(session, subagents);
  return null;
}

function createRoutedEvent(
  { turn }: TurnSession,
  { route: { model, reason, tier, routing }, effort }: OpenedTurn,
  listed: readonly Tool[],
  context: number | null,
) {
  return {
    type: "model.routed",
    turn,
    model: model.id,
    reason,
    context,
    tools: listed.map(({ name }) => name),
    toolTokens: measureTools(listed, { ...model, context }),
    ...effort,
    ...(tier && { tier }),
    ...(routing && { routing }),
  } as const;
}

const addReadRules =
  ({ judge }: TurnRunnerDeps, { readRules }: TurnSkills): TurnRunnerDeps["judge"] =>
  (request) =>
    judge({ ...request, approved: [...request.approved, ...readRules] });

/** Loaded only for a prompt that names a command. Resolves with a reason if it cannot be expanded. */
async function expandCommand(
  deps: TurnRunnerDeps,
  session: TurnSession,
  command: PromptCommand | null,
  input: Pick<RunInput, "tools" | "judge" | "settings">,
): Promise<string | null> {
  if (command === null) return null;
  const { id, cwd } = session.view();
  const { expandPrompt } = await import("./expand-prompt.ts");
  return expandPrompt(command, { session, context: deps.toolContext(id, cwd, session.changes), ...input });
}

/** Loaded only for messages that may name a command. */
async function takeSteering(
  deps: TurnRunnerDeps,
  session: TurnSession,
  input: Pick<RunInput, "tools" | "judge" | "settings">,
): Promise<EventOf<"turn.steered">[]> {
  const messages = session.takeSteering();
  if (!messages.some(({ text }) => text.startsWith("/"))) return messages;
  const { id, cwd } = session.view();
  const { expandSteering } = await import("./expand-steering.ts");
  return expandSteering(deps, { session, context: deps.toolContext(id, cwd, session.changes), ...input });
}

/** The skills that the agent has from the start. */
async function loadAgentSkills(session: TurnSession, agent: Agent, skills: TurnSkills): Promise<string[]> {
  const { texts, problems } = await skills.load(agent.skills);
  for (const problem of problems) warn(session, `The agent ${agent.name} uses ${problem.replace(/\.?$/, ".")}`);
  return texts;
}

/** Tokens of the tools in each request, estimated. */
const measureTools = (tools: readonly Tool[], model: Pick<Model, "context" | "inputPrice">): number =>
  Math.round(estimateTextTokens(JSON.stringify(buildToolSpecs(tools, choosePromptSize(model)))));

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

const getLimits = (settings: Settings, { tier, maxSteps, maxCostUsd }: TurnRoute): Limits => ({
  ...DEFAULT_LIMITS,
  ...(settings.maxSteps !== undefined && { steps: settings.maxSteps }),
  ...(settings.maxCost !== undefined && { cost: settings.maxCost }),
  ...(tier && {
    tier: {
      name: tier,
      steps: maxSteps ?? Number.POSITIVE_INFINITY,
      cost: maxCostUsd ?? Number.POSITIVE_INFINITY,
    },
  }),
});

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
