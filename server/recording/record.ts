/** Records a run: model requests and responses, and what the tools did. The file is a scenario, so that it can also be served. */
import { describeError } from "../../protocol/errors.ts";
import { replaceFile } from "../config/replace-file.ts";
import type { Step } from "../model/scenario.ts";
import type { Model, ModelEvent, ModelRequest, Tool, ToolCallContext } from "../ports.ts";
import {
  createRequestDiff,
  decode,
  encode,
  type RecordedCall,
  type RecordedEffect,
  type RecordedModel,
  type Recording,
} from "./recording.ts";

/** `redact` removes known keys from the written text. */
export function openRecorder(file: string, redact: (text: string) => string): Recording {
  const models: RecordedModel[] = [];
  const calls: RecordedCall[] = [];
  const steps: { at: string; step: Step }[] = [];

  const text = (): string => {
    const [first] = models;
    const scenario = {
      about: "A recorded run.",
      model: first?.id ?? "recording",
      ...(first?.context && { context: first.context }),
      steps: steps.map(({ at, step }, index) => addAttempt(step, at, index, steps)),
      recording: { version: 1, models, traffic: calls.map(plain) },
    };
    return `${redact(JSON.stringify(scenario, null, 1))}\n`;
  };
  let writing: Promise<void> | null = null;
  let hasChanges = false;
  const write = async (): Promise<void> => {
    try {
      while (hasChanges) {
        hasChanges = false;
        await replaceFile(file, text());
      }
    } finally {
      writing = null;
    }
  };
  /** Runs one write at a time; later changes are included in the next. */
  const save = (): Promise<void> => {
    hasChanges = true;
    writing ??= write();
    return writing;
  };
  /** Saves after each step, so that a crash leaves a usable file. The final save in `close` reports disk errors. */
  const saveInBackground = (): void => void save().catch(() => undefined);

  const recordModel = (model: Model): Model => {
    const delta = createRequestDiff();
    return {
      ...model,
      async *stream(request, signal) {
        const expects = delta(request.messages, request.tools);
        const events: ModelEvent[] = [];
        try {
          for await (const event of model.stream(request, signal)) {
            events.push(event);
            yield event;
          }
        } finally {
          const { at, when } = locateStep(request);
          steps.push({
            at,
            step: { when, ...buildStep(events), plain: true, recorded: plain({ expects, events }) },
          });
          saveInBackground();
        }
      },
    };
  };

  return {
    wrapModel:
      (open) =>
      async (...args) => {
        const opened = await open(...args);
        const { id, context, vision, tools, inputPrice, prefersPatch } = opened.model;
        models.push({
          id,
          context,
          vision,
          tools,
          inputPrice,
          prefersPatch,
          why: opened.reason,
          warnings: opened.warnings,
        });
        return { ...opened, model: recordModel(opened.model) };
      },
    wrapTools: (tools) => tools.map((tool) => recorded(tool, calls)),
    wrapJudge: (judge) => async (question) => {
      const entry = addCall(calls, "judge", question.tool, question.input);
      const judgement = await judge(question);
      entry.value = judgement;
      return judgement;
    },
    async close() {
      if (steps.length > 0) await save();
    },
  };
}

const plain = (value: unknown): unknown => JSON.parse(encode(value));

function addCall(traffic: RecordedCall[], kind: RecordedCall["kind"], tool: Tool, input: unknown): RecordedCall {
  const entry: RecordedCall = { kind, tool: tool.name, input, value: null };
  traffic.push(entry);
  return entry;
}

function recorded(tool: Tool, traffic: RecordedCall[]): Tool {
  return {
    ...tool,
    async prepare(input, context) {
      const entry = addCall(traffic, "plan", tool, input);
      return recordOutcome(entry, () => tool.prepare(input, context));
    },
    async run(input, context, plan) {
      const entry = addCall(traffic, "run", tool, input);
      const effects: RecordedEffect[] = [];
      return recordOutcome(entry, () => tool.run(input, recordEffects(context, effects), plan), effects);
    },
  };
}

async function recordOutcome<T>(entry: RecordedCall, work: () => Promise<T>, effects?: RecordedEffect[]): Promise<T> {
  try {
    const result = await work();
    entry.value = { result, ...(effects && { effects }) };
    return result;
  } catch (error) {
    entry.value = { error: describeError(error), ...(effects && { effects }) };
    throw error;
  }
}

function recordEffects(context: ToolCallContext, effects: RecordedEffect[]): ToolCallContext {
  return {
    ...context,
    output(text) {
      effects.push({ type: "output", text });
      context.output(text);
    },
    async updatePlan(items) {
      effects.push({ type: "plan", items });
      await context.updatePlan(items);
    },
    async fileChanged(change) {
      effects.push({ type: "changed", change });
      await context.fileChanged(change);
    },
  };
}

function locateStep({ messages }: ModelRequest): { at: string; when: NonNullable<Step["when"]> } {
  const answer = messages.filter(({ role }) => role === "assistant").length + 1;
  const turn = Math.max(1, messages.filter(({ role }) => role === "user").length);
  return { at: `${turn}.${answer}`, when: { turn, answer } };
}

/** Adds an `attempt` condition to all but the last of several steps for the same request. */
function addAttempt(step: Step, at: string, index: number, all: readonly { at: string }[]): Step {
  const again = all.slice(index + 1).some((other) => other.at === at);
  const attempt = all.slice(0, index).filter((other) => other.at === at).length + 1;
  return again ? { ...step, when: { ...step.when, attempt } } : step;
}

const statuses: Partial<Record<string, number>> = { auth: 401, quota: 402, overflow: 400, rate: 429, request: 400 };

/** The same response, as a scenario step that can be served over HTTP. */
function buildStep(events: readonly ModelEvent[]): Partial<Step> {
  const text = (type: "text" | "reasoning"): string =>
    events.map((event) => (event.type === type ? event.text : "")).join("");
  const calls = events.flatMap((event) =>
    event.type === "call"
      ? [
          {
            id: event.id,
            tool: event.name,
            input: (decode(encode(event.input ?? {})) ?? {}) as Record<string, unknown>,
          },
        ]
      : [],
  );
  const usage = events.findLast((event) => event.type === "usage")?.usage;
  const stop = events.at(-1);
  const [think, say] = [text("reasoning"), text("text")];
  return {
    ...(think !== "" && { think }),
    ...(say !== "" && { say }),
    ...(calls.length > 0 && { calls }),
    ...(usage && {
      usage: { input: usage.input, output: usage.output, cached: usage.cached, reasoning: usage.reasoning },
    }),
    ...(stop?.type === "stop" && stop.reason === "length" && { finish: "length" as const }),
    ...(stop?.type === "stop" && stop.reason === "filtered" && { finish: "content_filter" as const }),
    ...(stop?.type === "stop" &&
      stop.reason === "failed" && { fault: buildFault(stop.failure.kind, stop.failure.message) }),
  };
}

function buildFault(kind: string, message: string): NonNullable<Step["fault"]> {
  return kind === "cut"
    ? { type: "cut", after: 1_000_000 }
    : { type: "status", status: statuses[kind] ?? 500, message };
}
