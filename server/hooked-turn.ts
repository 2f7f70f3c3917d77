/**
 * What hooks have to say in one turn, and what that does: each effect is an event by whoever caused it. Where nobody listens, nothing of
 * this costs anything.
 */
import type { Author, EventOf, FileChange, SessionEvent, Usage } from "../protocol/events.ts";
import type { HookAnswer, HookEvent, HookPayload } from "../protocol/plugin.ts";
import type { Answer, HookedCall, TurnHooks, TurnResult } from "./agent/turn.ts";
import type { Bell, Firing, Heard } from "./plugins/hooks.ts";
import type { TurnSession } from "./session/session.ts";

export interface HookedTurn extends TurnHooks {
  /** Before anything else of the turn; how it ends where a hook stops it. */
  begin(started: "new" | "resumed" | null): Promise<TurnResult | null>;
  /** What is added to the instructions of a session that has none yet. */
  instructions(model: string): Promise<string[]>;
  /** Added to the environment of commands. */
  shellEnv(): Promise<Record<string, string>>;
  fileChanged(call: string, change: FileChange): Promise<void>;
  /** Text that must survive. */
  compacting(reason: string): Promise<string[]>;
  /** Told of every event of the turn. */
  saw(event: SessionEvent): void;
  notified(text: string): void;
  ended(result: TurnResult): Promise<void>;
}

const CONTINUED_MOST = 3;

/** They make programs load what they name. */
const loading =
  /^(LD_|DYLD_|BASH_ENV$|ENV$|NODE_OPTIONS$|PYTHONSTARTUP$|PERL5OPT$|PERL5LIB$|RUBYOPT$|GIT_EXEC_PATH$|GIT_SSH)/;

type Effect = EventOf<"hook.done">["effect"];

/** `tools`: the names of those that the model is told of. */
export function hookTurn(bell: Bell, session: TurnSession, tools: readonly string[]): HookedTurn {
  const { turn, signal } = session;
  const view = session.view();
  const where = { session: view.id, cwd: view.cwd };
  const inTurn = { ...where, turn };
  const never = new AbortController().signal;
  const feedback = new Map<string, string[]>();
  let continued = 0;
  let usage: { step: number; counted: Usage } | null = null;
  const changed = new Set<string>();
  /** What was asked for the first request before its instructions were made. */
  let asked: Firing<"model.before"> | null = null;

  const done = (
    by: Author,
    hook: HookEvent,
    effect: Effect,
    more: { call?: string; text?: string; input?: unknown } = {},
  ) => void session.append({ type: "hook.done", hook, effect, turn, ...more }, by);

  /** Those that were heard; the one that failed and had to be heard refuses, with this answer. */
  async function fire<E extends HookEvent>(
    event: E,
    payload: HookPayload<E>,
    how: {
      subject?: string;
      call?: string;
      refusal?(why: string): HookAnswer<E>;
      next?(told: HookPayload<E>, answer: HookAnswer<E>): HookPayload<E>;
      signal?: AbortSignal;
    } = {},
  ): Promise<Firing<E>> {
    const { subject, call, refusal, next } = how;
    if (!bell.listens(event, subject)) return { heard: [], failed: [] };
    const firing = await bell.fire(event, payload, {
      signal: how.signal ?? signal,
      ...(subject !== undefined && { subject }),
      ...(next && { next }),
    });
    for (const { by, why, closed } of firing.failed) {
      if (signal.aborted) break;
      done(by, event, "failed", { text: why, ...(call !== undefined && { call }) });
      if (closed && refusal) firing.heard.push({ by, answer: refusal(`${by.name} had to be asked, but ${why}`) });
    }
    return firing;
  }

  const contexts = (event: HookEvent, heard: readonly Heard<"session.started" | "prompt.before">[]): void => {
    for (const { by, answer } of heard) if (answer.context) done(by, event, "context", { text: answer.context });
  };

  const blocked = (event: HookEvent, heard: readonly Heard<"prompt.before" | "model.before">[]): string | undefined => {
    const found = heard.find(({ answer }) => answer.block !== undefined);
    if (found?.answer.block === undefined) return undefined;
    done(found.by, event, "blocked", { text: found.answer.block });
    return `${found.by.name}: ${found.answer.block}`;
  };

  const lastText = (step?: number): string => {
    const part = session
      .view()
      .parts.findLast((one) => one.type === "text" && one.turn === turn && (step === undefined || one.step === step));
    return part?.type === "text" ? part.text : "";
  };
  return {
    async begin(started) {
      if (started) contexts("session.started", (await fire("session.started", { ...where, reason: started })).heard);
      const prompt = session.view().parts.findLast((part) => part.type === "prompt" && part.turn === turn);
      if (prompt?.type !== "prompt") return null;
      const attachments = prompt.attachments.map(({ name, mediaType }) => ({ name, mediaType }));
      const { heard } = await fire(
        "prompt.before",
        { ...inTurn, text: prompt.text, attachments },
        {
          refusal: (why) => ({ block: why }),
          next: (told, { text }) => (text === undefined ? told : { ...told, text }),
        },
      );
      for (const { by, answer } of heard)
        if (answer.text !== undefined) done(by, "prompt.before", "rewrote", { text: answer.text });
      contexts("prompt.before", heard);
      const reason = blocked("prompt.before", heard);
      return reason === undefined ? null : { outcome: "failed", failure: { code: "refused", message: reason } };
    },
    async instructions(model) {
      const payload = { ...inTurn, step: 1, model, messages: 1, tools: [...tools], first: true };
      asked = await fire("model.before", payload, { refusal: (why) => ({ block: why }) });
      return asked.heard.flatMap(({ by, answer }) => {
        if (!answer.system) return [];
        done(by, "model.before", "context");
        return [answer.system];
      });
    },
    async modelBefore(step, messages) {
      const payload = { ...inTurn, step, model: session.view().model, messages, tools: [...tools], first: false };
      const { heard } = asked ?? (await fire("model.before", payload, { refusal: (why) => ({ block: why }) }));
      asked = null;
      const block = blocked("model.before", heard);
      const [effort, maxOutput] = [
        heard.findLast(({ answer }) => answer.effort),
        heard.findLast(({ answer }) => answer.maxOutput),
      ];
      return {
        ...(block !== undefined && { block }),
        ...(effort?.answer.effort && { effort: effort.answer.effort }),
        ...(maxOutput?.answer.maxOutput && { maxOutput: maxOutput.answer.maxOutput }),
      };
    },
    async modelAfter(step) {
      if (!bell.listens("model.after")) return;
      const counted = usage?.step === step ? usage.counted : null;
      await fire("model.after", { ...inTurn, step, model: session.view().model, usage: counted, text: lastText(step) });
    },
    async toolBefore(call) {
      const { heard } = await fire(
        "tool.before",
        { ...inTurn, ...call },
        {
          subject: call.tool,
          call: call.call,
          refusal: (reason) => ({ decision: "deny", reason }),
          next: (told, { input }) => (input === undefined ? told : { ...told, input }),
        },
      );
      return strictest(heard, call);
    },
    async permissionAsked(call, detail): Promise<Answer | null> {
      notified(`A question waits: ${call.title}`);
      const { heard } = await fire(
        "permission.asked",
        { ...inTurn, ...call, detail },
        { subject: call.tool, call: call.call, refusal: (reason) => ({ answer: "no", reason }) },
      );
      const said =
        heard.find(({ answer }) => answer.answer === "no") ?? heard.find(({ answer }) => answer.answer === "yes");
      if (!said?.answer.answer) return null;
      const { answer, reason } = said.answer;
      done(said.by, "permission.asked", answer === "no" ? "denied" : "allowed", {
        call: call.call,
        ...(reason !== undefined && { text: reason }),
      });
      return { answer: answer === "no" && reason !== undefined ? reason : answer, by: said.by };
    },
    async toolAfter(call, ok, output) {
      const { heard } = await fire(
        "tool.after",
        { ...inTurn, ...call, ok, output },
        { subject: call.tool, call: call.call },
      );
      const lines = heard.flatMap(({ by, answer }) => {
        if (!answer.feedback) return [];
        done(by, "tool.after", "feedback", { call: call.call, text: answer.feedback });
        return [`[${by.name}] ${answer.feedback}`];
      });
      return [...(feedback.get(call.call) ?? []), ...lines].join("\n");
    },
    async turnEnding() {
      if (!bell.listens("turn.ended") || continued >= CONTINUED_MOST) return false;
      const payload = { ...inTurn, outcome: "done", text: lastText(), files: [...changed], continued };
      const { heard } = await fire("turn.ended", payload);
      const more = heard.find(({ answer }) => answer.continue);
      if (!more?.answer.continue) return false;
      continued += 1;
      done(more.by, "turn.ended", "continued", { text: more.answer.continue });
      return true;
    },
    async shellEnv() {
      const { heard } = await fire("shell.env", where);
      const all = heard.flatMap(({ answer }) => Object.entries(answer.env ?? {}));
      return Object.fromEntries(all.filter(([name]) => !loading.test(name)));
    },
    async fileChanged(call, { path, added, removed }) {
      changed.add(path);
      const { heard } = await fire("file.changed", { ...where, call, path, added, removed }, { subject: path, call });
      for (const { by, answer } of heard) {
        if (!answer.feedback) continue;
        done(by, "file.changed", "feedback", { call, text: answer.feedback });
        feedback.set(call, [...(feedback.get(call) ?? []), `[${by.name}] ${answer.feedback}`]);
      }
    },
    async compacting(reason) {
      const { heard } = await fire("compaction.before", { ...inTurn, reason });
      return heard.flatMap(({ answer }) => (answer.keep ? [answer.keep] : []));
    },
    saw(event) {
      if (event.type === "usage.counted") usage = { step: event.step, counted: event.usage };
    },
    notified,
    async ended({ outcome }) {
      notified(`The turn has ended: ${outcome}`);
      if (outcome === "done" || !bell.listens("turn.ended")) return;
      await fire(
        "turn.ended",
        { ...inTurn, outcome, text: lastText(), files: [...changed], continued },
        { signal: never },
      );
    },
  };

  function notified(text: string): void {
    if (!bell.listens("notification")) return;
    void bell.fire("notification", { ...where, text }, { signal: never });
  }

  /** Deny is stronger than ask, ask is stronger than allow, whoever says it. */
  function strictest(
    heard: readonly Heard<"tool.before">[],
    { call }: HookedCall,
  ): Awaited<ReturnType<TurnHooks["toolBefore"]>> {
    const rewritten = heard.filter(({ answer }) => answer.input !== undefined);
    for (const { by, answer } of rewritten) done(by, "tool.before", "rewrote", { call, input: answer.input });
    const input = rewritten.at(-1)?.answer.input;
    for (const [decision, effect] of [
      ["deny", "denied"],
      ["ask", "asked"],
      ["allow", "allowed"],
    ] as const) {
      const said = heard.find(({ answer }) => answer.decision === decision);
      if (!said) continue;
      const { reason } = said.answer;
      done(said.by, "tool.before", effect, { call, ...(reason !== undefined && { text: reason }) });
      return { decision, reason: `${said.by.name}: ${reason ?? decision}`, ...(input !== undefined && { input }) };
    }
    return input === undefined ? {} : { input };
  }
}
