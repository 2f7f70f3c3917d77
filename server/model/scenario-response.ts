/** Finds the step of a scenario that matches a request, and builds its response. Pure. */
import type { Condition, Fault, Scenario, Step } from "./scenario.ts";
import { evaluateLines, fillTemplate, fillTemplates, type TemplateContext } from "./template.ts";
import { matchesText } from "./text-pattern.ts";

export interface ScriptedResponse {
  /** The index of the step. */
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

export interface ChatMessage {
  role?: string;
  content?: unknown;
  tool_calls?: { id?: string; function?: { name?: string } }[];
  tool_call_id?: string;
}

export interface ChatRequestBody {
  model?: string;
  stream?: boolean;
  messages?: ChatMessage[];
  tools?: { function?: { name?: string } }[];
}

export function readConversation(body: ChatRequestBody, attempt: number): TemplateContext {
  const messages = body.messages ?? [];
  const prompt = messages.findLastIndex(({ role }) => role === "user");
  const since = messages.slice(prompt + 1);
  const names = new Map(
    messages.flatMap(({ tool_calls = [] }) =>
      tool_calls.map((call) => [call.id ?? "", call.function?.name ?? ""] as const),
    ),
  );
  const results = (part: readonly ChatMessage[]) =>
    part.flatMap((message) =>
      message.role === "tool"
        ? [{ tool: names.get(message.tool_call_id ?? "") ?? "", text: readText(message.content) }]
        : [],
    );
  const answers = (part: readonly ChatMessage[]) => part.filter(({ role }) => role === "assistant").length;
  const lastResponse = since.findLastIndex(({ role }) => role === "assistant");
  return {
    user: readText(messages[prompt]?.content),
    turn: messages.filter(({ role }) => role === "user").length,
    step: answers(since) + 1,
    answer: answers(messages) + 1,
    attempt,
    last: lastResponse < 0 ? [] : results(since.slice(lastResponse)),
    all: results(since),
    tools: (body.tools ?? []).flatMap((tool) => tool.function?.name ?? []),
  };
}

function readText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part: { text?: unknown } | null) => (typeof part?.text === "string" ? [part.text] : []))
    .join("\n");
}

/** Null if no step matches. */
export function matchStep(scenario: Scenario, context: TemplateContext): ScriptedResponse | null {
  const index = scenario.steps.findIndex(({ when }) => when === undefined || matches(when, context));
  const step = scenario.steps[index];
  if (step === undefined) return null;
  const fillText = (text: string): string => (step.plain === true ? text : fillTemplate(text, context));
  const calls = (step.calls ?? []).flatMap(({ id, tool, input = {}, if: only, each }) => {
    if (only !== undefined && evaluateLines(only, context).length === 0) return [];
    const items = each === undefined ? [""] : evaluateLines(each, context);
    return items.map((it) => ({
      id,
      name: tool,
      arguments: JSON.stringify(step.plain === true ? input : fillTemplates(input, context, it)),
    }));
  });
  return {
    step: index,
    think: fillText(step.think ?? ""),
    say: fillText(step.say ?? ""),
    calls: calls.map((call, at) => ({ ...call, id: call.id ?? `call_${context.answer}_${at + 1}` })),
    usage: step.usage,
    finish: step.finish ?? (calls.length > 0 ? "tool_calls" : "stop"),
    fault: step.fault ?? null,
    pace: step.pace ?? scenario.pace ?? 0,
    delay: step.delay ?? 0,
  };
}

/** Why each step does not match: the first condition that does not hold. */
export function explainMismatch(scenario: Scenario, context: TemplateContext): string {
  const reasons = scenario.steps.flatMap(({ when = {} }, index) => {
    const key = (Object.keys(when) as (keyof Condition)[]).find((one) => !holds(when, one, context));
    return key === undefined ? [] : [`steps[${index}] needs ${key} ${JSON.stringify(when[key])}`];
  });
  const more = reasons.length - MAX_REASONS;
  return [...reasons.slice(0, MAX_REASONS), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

const MAX_REASONS = 10;

const conditionTests: {
  [K in keyof Condition]-?: (expected: NonNullable<Condition[K]>, context: TemplateContext) => boolean;
} = {
  step: (expected, { step }) => step === expected,
  turn: (expected, { turn }) => turn === expected,
  answer: (expected, { answer }) => answer === expected,
  attempt: (expected, { attempt }) => attempt === expected,
  user: (expected, { user }) => matchesText(user, expected),
  result: (expected, { last }) => last.some(({ text }) => matchesText(text, expected)),
  tool: (expected, { last }) => last.at(-1)?.tool === expected,
  tools: (expected, { tools }) => expected.every((name) => tools.includes(name)),
  some: (expected, context) => evaluateLines(expected, context).length > 0,
  none: (expected, context) => evaluateLines(expected, context).length === 0,
};

function matches(when: Condition, context: TemplateContext): boolean {
  return (Object.keys(when) as (keyof Condition)[]).every((key) => holds(when, key, context));
}

function holds(when: Condition, key: keyof Condition, context: TemplateContext): boolean {
  const expected = when[key];
  return (
    expected === undefined ||
    (conditionTests[key] as (expected: unknown, context: TemplateContext) => boolean)(expected, context)
  );
}
