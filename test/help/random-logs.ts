/** Generates valid logs with fast-check: a state machine that picks one of the possible events at each step. */
import fc from "fast-check";
import type { Author, Envelope, SessionEvent } from "../../protocol/events.ts";

const person: Author = { kind: "person", id: "local", name: "Ada" };
const usage = { input: 10, cached: 2, output: 3, reasoning: 1, cost: 0.001, estimated: false };

interface State {
  turn: string | null;
  turns: number;
  step: number;
  attempt: number;
  part: { type: "text" | "reasoning"; id: string; text: string } | null;
  hasOutput: boolean;
  calls: Map<string, "asked" | "running">;
  questions: string[];
  queue: string[];
  ids: number;
}

type Choice = (text: string) => SessionEvent[];

/** The possible next steps. Each changes the state and returns its events. */
function possibleEvents(state: State): Choice[] {
  const { turn, step } = state;
  const all: Choice[] = [
    (text) => [{ type: "notice.shown", level: "info", text, ...(text.length % 2 === 1 && { note: text }) }],
    (text) => {
      const prompt = `p${++state.ids}`;
      state.queue.push(prompt);
      const steers = turn !== null && state.ids % 2 === 0 ? { steers: turn } : {};
      return [{ type: "prompt.queued", prompt, text, attachments: [], ...steers }];
    },
    (title) => [{ type: "session.titled", title }],
  ];
  const [first] = state.queue;
  if (first !== undefined) {
    all.push((text) => [{ type: "prompt.edited", prompt: first, text }]);
    all.push(() => [{ type: "prompt.moved", prompt: first, to: state.queue.length - 1 }]);
    all.push(() => {
      state.queue.shift();
      return [{ type: "prompt.dropped", prompt: first }];
    });
  }
  if (turn === null) {
    const start: Choice = (text) => {
      const started = `t${++state.turns}`;
      Object.assign(state, { turn: started, step: 1, attempt: 1, part: null, hasOutput: false });
      const prompt = state.queue.shift();
      return [
        { type: "turn.started", turn: started, text, attachments: [], agent: "tutti", ...(prompt && { prompt }) },
        { type: "model.routed", turn: started, model: "acme/m", reason: "asked for", context: 1000, tools: ["read"] },
      ];
    };
    const own: Choice = (output) => {
      const ran = `t${++state.turns}`;
      const call = `call_${ran}_1_1`;
      const shown = { name: "bash", kind: "execute" as const, title: "ls", input: { command: "ls" }, locations: [] };
      return [
        { type: "turn.started", turn: ran, text: "!ls", attachments: [], agent: "shell" },
        { type: "call.asked", turn: ran, step: 1, call, ...shown },
        { type: "call.started", call },
        { type: "call.output", call, text: output },
        { type: "call.done", call, state: output.length % 2 === 0 ? "done" : "interrupted", output },
        { type: "turn.ended", turn: ran, outcome: output.length % 2 === 0 ? "done" : "cancelled" },
      ];
    };
    return [...all, own, start, start, start, start];
  }
  const { part } = state;
  if (part) {
    const delta: Choice = (text) => {
      part.text += text;
      return [{ type: `${part.type}.delta`, turn, step, part: part.id, text }];
    };
    const end =
      (cut: boolean): Choice =>
      () => {
        state.part = null;
        state.hasOutput = true;
        const { type, id, text } = part;
        const { attempt } = state;
        if (cut) Object.assign(state, { attempt: attempt + 1, hasOutput: false });
        return [{ type: `${type}.done`, turn, step, part: id, text, attempt, ...(cut && { incomplete: cut }) }];
      };
    return [...all, delta, delta, delta, end(false), end(false), end(true)];
  }
  const open = [...state.calls].map(([call, how]): Choice => {
    const done: Choice = (output) => {
      state.calls.delete(call);
      if (state.calls.size === 0) Object.assign(state, { step: state.step + 1, attempt: 1, hasOutput: false });
      return [{ type: "call.done", call, state: output.length % 2 === 0 ? "done" : "failed", output }];
    };
    if (how === "running") {
      return (text) =>
        text.length % 3 === 0 ? done(text) : [{ type: "call.output", call, text }, ...(text === "" ? done("") : [])];
    }
    return (text) => {
      if (text.length % 4 === 0) return done(text);
      state.calls.set(call, "running");
      return [{ type: "call.started", call }];
    };
  });
  const questions = state.questions.map(
    (question, index): Choice =>
      (text) => {
        state.questions.splice(index, 1);
        return [
          text.length % 2 === 0
            ? { type: "question.answered", question, answer: { choice: "yes" } }
            : { type: "question.expired", question, reason: text },
        ];
      },
  );
  if (open.length > 0) {
    const ask: Choice = (title) => {
      const question = `q${++state.ids}`;
      state.questions.push(question);
      const shown = { title, detail: title, choices: [{ id: "yes", label: "Yes" }], freeText: true, digest: "d" };
      return [{ type: "question.asked", question, kind: "choice", ...shown }];
    };
    const changed: Choice = (path) => [
      { type: "file.changed", change: { path, before: null, after: "h", added: 1, removed: 0 } },
    ];
    return [...all, ...open, ...open, ...questions, ask, changed];
  }
  const speak = (type: "text" | "reasoning"): Choice => {
    return (text) => {
      const id = `x${++state.ids}`;
      state.part = { type, id, text };
      return text === "" ? [] : [{ type: `${type}.delta`, turn, step, part: id, text }];
    };
  };
  const callTools: Choice = (text) => {
    const calls = [...text.slice(0, 2), "a"].map((_, index) => `${turn}.${step}.c${index + 1}`);
    for (const call of calls) state.calls.set(call, "asked");
    const asked = calls.map((call): SessionEvent => {
      const shown = { name: "read", kind: "read" as const, title: text, input: { path: text }, locations: [] };
      return { type: "call.asked", turn, step, call, ...shown };
    });
    return [{ type: "usage.counted", turn, step, model: "acme/m", usage }, ...asked];
  };
  const end: Choice = (text) => {
    state.turn = null;
    const events: SessionEvent[] = state.questions.map((question) => ({
      type: "question.expired",
      question,
      reason: "over",
    }));
    state.questions = [];
    const outcome = (["done", "done", "cancelled", "failed", "limit"] as const)[text.length % 5] ?? "done";
    const failure = outcome === "failed" ? { failure: { code: "model", message: text } } : {};
    return [...events, { type: "turn.ended", turn, outcome, ...failure }];
  };
  const steers: Choice[] =
    first === undefined || state.hasOutput
      ? []
      : [
          (text) => {
            state.queue.shift();
            return [{ type: "turn.steered", turn, prompt: first, text }];
          },
        ];
  return [...all, ...questions, ...steers, speak("text"), speak("text"), speak("reasoning"), callTools, callTools, end];
}

const piece = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom("", "é\n", "\u2028", "👩‍💻", '"}\n{', "\u001b[31m"),
);

export const arbitraryLogs = (maxLength = 60): fc.Arbitrary<Envelope[]> =>
  fc.array(fc.tuple(fc.nat(), piece), { maxLength, size: "max" }).map((picks) => {
    const state: State = {
      turn: null,
      turns: 0,
      step: 1,
      attempt: 1,
      part: null,
      hasOutput: false,
      calls: new Map(),
      questions: [],
      queue: [],
      ids: 0,
    };
    const events: SessionEvent[] = [{ type: "session.opened", session: "s1", cwd: "/work", version: "0" }];
    for (const [pick, text] of picks) {
      const possible = possibleEvents(state);
      events.push(...(possible[pick % possible.length]?.(text) ?? []));
    }
    return toEnvelopes(events);
  });

export const toEnvelopes = (events: readonly SessionEvent[]): Envelope[] =>
  events.map((event, index) => ({ seq: index + 1, at: 1_700_000_000_000 + index, by: person, event }));
