/** The hooks of one turn: the payload of each event, and the effects of the answers. Without listeners, this costs nothing. */
import type { Author, FileChange, SessionEvent, Usage } from "../../protocol/events.ts";
import type { HookEvent } from "../../protocol/plugin.ts";
import type { HookedCall, TurnHooks, TurnResult } from "../agent/turn-context.ts";
import { loadsCode } from "../config/hook-variables.ts";
import type { HookDispatcher, HookResult } from "../plugins/hooks.ts";
import { isCommandAgent } from "../session/history.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { createTurnDispatch, NEVER_ABORTED, type TurnDispatch } from "./hook-dispatch.ts";

export interface TurnHookRunner extends TurnHooks {
  /** Called before anything else of the turn. Returns the turn's result if a hook blocks it. */
  begin(started: "new" | "resumed" | null): Promise<TurnResult | null>;
  /** Text to add to the system prompt of a session that has none yet. */
  instructions(model: string): Promise<string[]>;
  /** Variables to add to the environment of commands. */
  shellEnv(): Promise<Record<string, string>>;
  fileChanged(call: string, change: FileChange): Promise<void>;
  /** Texts that the summary must contain, and texts for the model that writes it. */
  beforeCompaction(reason: string): Promise<{ keep: string[]; context: string[] }>;
  /** The texts of SessionStart hooks for a model that gets a summary. They replace the earlier texts of the same hooks. */
  restart(): Promise<{ by: Author; text: string }[]>;
  /** Called with every event of the turn. */
  onEvent(event: SessionEvent): void;
  afterTurn(result: TurnResult): Promise<void>;
}

const MAX_CONTINUATIONS = 3;

/** `tools`: the names of the model's tools. */
export function createTurnHooks(
  dispatcher: HookDispatcher,
  session: TurnSession,
  tools: readonly string[],
): TurnHookRunner {
  const turn = createTurnDispatch(dispatcher, session);
  const changedFiles = new Set<string>();
  return {
    ...createPromptHooks(turn),
    ...createModelHooks(turn, tools),
    ...createToolHooks(turn, changedFiles),
    ...createTurnEndHooks(turn, changedFiles),
  };
}

function createPromptHooks({
  session,
  inSession,
  inTurn,
  dispatch,
  record,
}: TurnDispatch): Pick<TurnHookRunner, "begin"> {
  const recordContexts = (
    event: HookEvent,
    results: readonly HookResult<"session.started" | "prompt.before">[],
  ): void => {
    for (const { by, answer } of results) if (answer.context) record(by, event, "context", { text: answer.context });
  };
  return {
    async begin(started) {
      if (started)
        recordContexts("session.started", await dispatch("session.started", { ...inSession, reason: started }));
      const prompt = session.view().parts.findLast((part) => part.type === "prompt" && part.turn === session.turn);
      if (prompt?.type !== "prompt" || isCommandAgent(prompt.agent)) return null;
      const attachments = prompt.attachments.map(({ name, mediaType }) => ({ name, mediaType }));
      const results = await dispatch(
        "prompt.before",
        { ...inTurn, text: prompt.text, attachments },
        {
          refusal: (reason) => ({ block: reason }),
          next: (payload, { text }) => (text === undefined ? payload : { ...payload, text }),
        },
      );
      for (const { by, answer } of results)
        if (answer.text !== undefined) record(by, "prompt.before", "rewrote", { text: answer.text });
      recordContexts("prompt.before", results);
      const reason = findBlock("prompt.before", results, record);
      return reason === undefined ? null : { outcome: "failed", failure: { code: "refused", message: reason } };
    },
  };
}

function createModelHooks(
  { session, inTurn, hasListener, dispatch, record }: TurnDispatch,
  tools: readonly string[],
): Pick<TurnHookRunner, "instructions" | "modelBefore" | "modelAfter" | "onEvent"> {
  let usage: { step: number; counted: Usage } | null = null;
  /** The results of `model.before` for the first request: it is dispatched when the system prompt is built. */
  let firstRequest: HookResult<"model.before">[] | null = null;
  const refusal = (reason: string) => ({ block: reason });
  return {
    async instructions(model) {
      const payload = { ...inTurn, step: 1, model, messages: 1, tools: [...tools], first: true };
      firstRequest = await dispatch("model.before", payload, { refusal });
      return firstRequest.flatMap(({ by, answer }) => {
        if (!answer.system) return [];
        record(by, "model.before", "context");
        return [answer.system];
      });
    },
    async modelBefore(step, messages) {
      const payload = { ...inTurn, step, model: session.view().model, messages, tools: [...tools], first: false };
      const results = firstRequest ?? (await dispatch("model.before", payload, { refusal }));
      firstRequest = null;
      const block = findBlock("model.before", results, record);
      const effort = results.findLast(({ answer }) => answer.effort)?.answer.effort;
      const maxOutput = results.findLast(({ answer }) => answer.maxOutput)?.answer.maxOutput;
      return { ...(block !== undefined && { block }), ...(effort && { effort }), ...(maxOutput && { maxOutput }) };
    },
    async modelAfter(step) {
      if (!hasListener("model.after")) return;
      const counted = usage?.step === step ? usage.counted : null;
      const text = getLastText(session, step);
      await dispatch("model.after", { ...inTurn, step, model: session.view().model, usage: counted, text });
    },
    onEvent(event) {
      if (event.type === "usage.counted") usage = { step: event.step, counted: event.usage };
    },
  };
}

function createToolHooks(
  { inSession, inTurn, dispatch, record, notify }: TurnDispatch,
  changedFiles: Set<string>,
): Pick<TurnHookRunner, "toolBefore" | "permissionAsked" | "toolAfter" | "shellEnv" | "fileChanged"> {
  /** Feedback of `file.changed`, by call, until the call has ended. */
  const feedback = new Map<string, string[]>();
  return {
    async toolBefore(call, normalize) {
      const results = await dispatch(
        "tool.before",
        { ...inTurn, ...call },
        {
          subject: call.tool,
          call: call.call,
          refusal: (reason) => ({ decision: "deny", reason }),
          next: (payload, { input }) => (input === undefined ? payload : { ...payload, input: normalize(input) }),
        },
      );
      return chooseStrictestDecision(results, call, record);
    },
    async permissionAsked(call, detail) {
      notify(`Approval needed: ${call.title}`);
      const results = await dispatch(
        "permission.asked",
        { ...inTurn, ...call, detail },
        { subject: call.tool, call: call.call, refusal: (reason) => ({ answer: "no", reason }) },
      );
      const decisive =
        results.find(({ answer }) => answer.answer === "no") ?? results.find(({ answer }) => answer.answer === "yes");
      if (!decisive?.answer.answer) return null;
      const { by } = decisive;
      const { answer, reason } = decisive.answer;
      const denies = answer === "no";
      const details = { call: call.call, ...(reason !== undefined && { text: reason }) };
      record(by, "permission.asked", denies ? "denied" : "allowed", details);
      return { verdict: denies ? "deny" : "approve", ...(reason !== undefined && { reason }), by };
    },
    async toolAfter(call, ok, output) {
      const options = { subject: call.tool, call: call.call };
      const results = await dispatch("tool.after", { ...inTurn, ...call, ok, output }, options);
      const lines = results.flatMap(({ by, answer }) => {
        if (!answer.feedback) return [];
        record(by, "tool.after", "feedback", { call: call.call, text: answer.feedback });
        return [`[${by.name}] ${answer.feedback}`];
      });
      return [...(feedback.get(call.call) ?? []), ...lines].join("\n");
    },
    async shellEnv() {
      const results = await dispatch("shell.env", inSession);
      const variables = results.flatMap(({ answer }) => Object.entries(answer.env ?? {}));
      return Object.fromEntries(variables.filter(([name]) => !loadsCode(name)));
    },
    async fileChanged(call, { path, added, removed }) {
      changedFiles.add(path);
      const payload = { ...inSession, call, path, added, removed };
      for (const { by, answer } of await dispatch("file.changed", payload, { subject: path, call })) {
        if (!answer.feedback) continue;
        record(by, "file.changed", "feedback", { call, text: answer.feedback });
        feedback.set(call, [...(feedback.get(call) ?? []), `[${by.name}] ${answer.feedback}`]);
      }
    },
  };
}

function createTurnEndHooks(
  { session, inSession, inTurn, hasListener, dispatch, record, notify }: TurnDispatch,
  changedFiles: ReadonlySet<string>,
): Pick<TurnHookRunner, "beforeCompaction" | "restart" | "turnEnding" | "afterTurn"> {
  let continued = 0;
  const payload = (outcome: TurnResult["outcome"]) => ({
    ...inTurn,
    outcome,
    text: getLastText(session),
    files: [...changedFiles],
    continued,
  });
  return {
    async beforeCompaction(reason) {
      const results = await dispatch("compaction.before", { ...inTurn, reason });
      const collect = (field: "keep" | "context") => results.flatMap(({ answer }) => answer[field] || []);
      return { keep: collect("keep"), context: collect("context") };
    },
    async restart() {
      // Of a subagent, its parent starts it, and only once.
      if (session.view().task) return [];
      const results = await dispatch("session.started", { ...inSession, reason: "compacted" });
      return results.flatMap(({ by, answer }) => (answer.context ? [{ by, text: answer.context }] : []));
    },
    async turnEnding() {
      if (!hasListener("turn.ended") || continued >= MAX_CONTINUATIONS) return false;
      const results = await dispatch("turn.ended", payload("done"));
      const more = results.find(({ answer }) => answer.continue);
      if (!more?.answer.continue) return false;
      continued += 1;
      record(more.by, "turn.ended", "continued", { text: more.answer.continue });
      return true;
    },
    async afterTurn({ outcome }) {
      notify(`Turn ended: ${outcome}`);
      if (outcome === "done" || !hasListener("turn.ended")) return;
      await dispatch("turn.ended", payload(outcome), { signal: NEVER_ABORTED });
    },
  };
}

function getLastText({ view, turn }: TurnSession, step?: number): string {
  const part = view().parts.findLast(
    (candidate) =>
      candidate.type === "text" && candidate.turn === turn && (step === undefined || candidate.step === step),
  );
  return part?.type === "text" ? part.text : "";
}

function findBlock(
  event: HookEvent,
  results: readonly HookResult<"prompt.before" | "model.before">[],
  record: TurnDispatch["record"],
): string | undefined {
  const found = results.find(({ answer }) => answer.block !== undefined);
  if (found?.answer.block === undefined) return undefined;
  record(found.by, event, "blocked", { text: found.answer.block });
  return `${found.by.name}: ${found.answer.block}`;
}

/** `deny` overrides `ask`, and `ask` overrides `allow`, regardless of the order of hooks. */
function chooseStrictestDecision(
  results: readonly HookResult<"tool.before">[],
  { call }: HookedCall,
  record: TurnDispatch["record"],
): Awaited<ReturnType<TurnHooks["toolBefore"]>> {
  const rewritten = results.filter(({ answer }) => answer.input !== undefined);
  for (const { by, answer } of rewritten) record(by, "tool.before", "rewrote", { call, input: answer.input });
  const input = rewritten.at(-1)?.answer.input;
  const effects = [
    ["deny", "denied"],
    ["ask", "asked"],
    ["allow", "allowed"],
  ] as const;
  for (const [decision, effect] of effects) {
    const decisive = results.find(({ answer }) => answer.decision === decision);
    if (!decisive) continue;
    const { reason } = decisive.answer;
    record(decisive.by, "tool.before", effect, { call, ...(reason !== undefined && { text: reason }) });
    return { decision, reason: `${decisive.by.name}: ${reason ?? decision}`, ...(input !== undefined && { input }) };
  }
  return input === undefined ? {} : { input };
}
