/** Finds the step of a scenario that answers a request, and what it says. Pure but for the count of equal requests. */
import type { Condition, Fault, Scenario, Step } from "./scenario.ts";
import { type Facts, fill, fillDeep, linesOf } from "./template.ts";

export interface Spoken {
  /** Which step it was, counted from 0. */
  step: number;
  think: string;
  say: string;
  calls: { id: string; name: string; arguments: string }[];
  usage: Step["usage"];
  finish: string;
  fault: Fault | null;
  pace: number;
  delay: number;
}

export interface WireMessage {
  role?: string;
  content?: unknown;
  tool_calls?: { id?: string; function?: { name?: string } }[];
  tool_call_id?: string;
}

export interface WireBody {
  model?: string;
  stream?: boolean;
  messages?: WireMessage[];
  tools?: { function?: { name?: string } }[];
}

export function factsOf(body: WireBody, attempt: number): Facts {
  const messages = body.messages ?? [];
  const prompt = messages.findLastIndex(({ role }) => role === "user");
  const since = messages.slice(prompt + 1);
  const names = new Map(
    messages.flatMap(({ tool_calls = [] }) =>
      tool_calls.map((call) => [call.id ?? "", call.function?.name ?? ""] as const),
    ),
  );
  const results = (part: readonly WireMessage[]) =>
    part.flatMap((message) =>
      message.role === "tool"
        ? [{ tool: names.get(message.tool_call_id ?? "") ?? "", text: textOf(message.content) }]
        : [],
    );
  const answers = (part: readonly WireMessage[]) => part.filter(({ role }) => role === "assistant").length;
  const spoken = since.findLastIndex(({ role }) => role === "assistant");
  return {
    user: textOf(messages[prompt]?.content),
    turn: messages.filter(({ role }) => role === "user").length,
    step: answers(since) + 1,
    answer: answers(messages) + 1,
    attempt,
    last: spoken < 0 ? [] : results(since.slice(spoken)),
    all: results(since),
    tools: (body.tools ?? []).flatMap((tool) => tool.function?.name ?? []),
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part: { text?: unknown } | null) => (typeof part?.text === "string" ? [part.text] : []))
    .join("\n");
}

/** Null where no step fits. */
export function answerOf(scenario: Scenario, facts: Facts): Spoken | null {
  const index = scenario.steps.findIndex(({ when }) => when === undefined || holds(when, facts));
  const step = scenario.steps[index];
  if (step === undefined) return null;
  const filled = (text: string): string => (step.plain === true ? text : fill(text, facts));
  const calls = (step.calls ?? []).flatMap(({ id, tool, input = {}, if: only, each }) => {
    if (only !== undefined && linesOf(only, facts).length === 0) return [];
    const items = each === undefined ? [""] : linesOf(each, facts);
    return items.map((it) => ({
      id,
      name: tool,
      arguments: JSON.stringify(step.plain === true ? input : fillDeep(input, facts, it)),
    }));
  });
  return {
    step: index,
    think: filled(step.think ?? ""),
    say: filled(step.say ?? ""),
    calls: calls.map((call, at) => ({ ...call, id: call.id ?? `call_${facts.answer}_${at + 1}` })),
    usage: step.usage,
    finish: step.finish ?? (calls.length > 0 ? "tool_calls" : "stop"),
    fault: step.fault ?? null,
    pace: step.pace ?? scenario.pace ?? 0,
    delay: step.delay ?? 0,
  };
}

const tests: { [K in keyof Condition]-?: (wanted: NonNullable<Condition[K]>, facts: Facts) => boolean } = {
  step: (wanted, { step }) => step === wanted,
  turn: (wanted, { turn }) => turn === wanted,
  answer: (wanted, { answer }) => answer === wanted,
  attempt: (wanted, { attempt }) => attempt === wanted,
  user: (wanted, { user }) => says(user, wanted),
  result: (wanted, { last }) => last.some(({ text }) => says(text, wanted)),
  tool: (wanted, { last }) => last.at(-1)?.tool === wanted,
  tools: (wanted, { tools }) => wanted.every((name) => tools.includes(name)),
  some: (wanted, facts) => linesOf(wanted, facts).length > 0,
  none: (wanted, facts) => linesOf(wanted, facts).length === 0,
};

function holds(when: Condition, facts: Facts): boolean {
  return (Object.keys(when) as (keyof Condition)[]).every((key) => {
    const wanted = when[key];
    return wanted === undefined || (tests[key] as (wanted: unknown, facts: Facts) => boolean)(wanted, facts);
  });
}

function says(text: string, wanted: string): boolean {
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(wanted);
  return pattern?.[1] === undefined ? text.includes(wanted) : new RegExp(pattern[1], pattern[2]).test(text);
}
