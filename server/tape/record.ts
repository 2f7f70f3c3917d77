/** Records a run: what the model was asked and said, what the tools did. The file is a scenario, so that it can also be served. */
import { replaceFile } from "../config/replace.ts";
import type { Step } from "../model/scenario.ts";
import type { CallWorld, Model, ModelEvent, ModelRequest, Tool } from "../ports.ts";
import { createDelta, decode, type Effect, encode, type RecordedModel, type Tape, type Traffic } from "./tape.ts";

/** `redact` takes known keys out of the text that is written. */
export function openRecorder(file: string, redact: (text: string) => string): Tape {
  const models: RecordedModel[] = [];
  const traffic: Traffic[] = [];
  const steps: { at: string; step: Step }[] = [];

  const text = (): string => {
    const [first] = models;
    const scenario = {
      about: "A recorded run.",
      model: first?.id ?? "recording",
      ...(first?.context && { context: first.context }),
      steps: steps.map(({ at, step }, index) => numbered(step, at, index, steps)),
      recording: { version: 1, models, traffic: traffic.map(plain) },
    };
    return `${redact(JSON.stringify(scenario, null, 1))}\n`;
  };
  let writing: Promise<void> | null = null;
  let behind = false;
  const write = async (): Promise<void> => {
    try {
      while (behind) {
        behind = false;
        await replaceFile(file, text());
      }
    } finally {
      writing = null;
    }
  };
  /** One write at a time; what comes meanwhile is in the next. */
  const save = (): Promise<void> => {
    behind = true;
    writing ??= write();
    return writing;
  };
  /** A crash leaves what there is so far. Where the disk refuses, the last write says so. */
  const grown = (): void => void save().catch(() => undefined);

  const watched = (model: Model): Model => {
    const delta = createDelta();
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
          const { at, when } = placeOf(request);
          steps.push({ at, step: { when, ...stepOf(events), plain: true, recorded: plain({ expects, events }) } });
          grown();
        }
      },
    };
  };

  return {
    modelFor:
      (open) =>
      async (...asked) => {
        const opened = await open(...asked);
        const { id, context, vision, tools, inputPrice, prefersPatch } = opened.model;
        models.push({
          id,
          context,
          vision,
          tools,
          inputPrice,
          prefersPatch,
          why: opened.why,
          warnings: opened.warnings,
        });
        return { ...opened, model: watched(opened.model) };
      },
    tools: (tools) => tools.map((tool) => recorded(tool, traffic)),
    judge: (judge) => async (question) => {
      const entry = begin(traffic, "judge", question.tool, question.input);
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

function begin(traffic: Traffic[], kind: Traffic["kind"], tool: Tool, input: unknown): Traffic {
  const entry: Traffic = { kind, tool: tool.name, input, value: null };
  traffic.push(entry);
  return entry;
}

function recorded(tool: Tool, traffic: Traffic[]): Tool {
  return {
    ...tool,
    async plan(input, world) {
      const entry = begin(traffic, "plan", tool, input);
      return settled(entry, () => tool.plan(input, world));
    },
    async run(input, world, plan) {
      const entry = begin(traffic, "run", tool, input);
      const effects: Effect[] = [];
      return settled(entry, () => tool.run(input, spied(world, effects), plan), effects);
    },
  };
}

async function settled<T>(entry: Traffic, work: () => Promise<T>, effects?: Effect[]): Promise<T> {
  try {
    const result = await work();
    entry.value = { result, ...(effects && { effects }) };
    return result;
  } catch (error) {
    entry.value = { error: error instanceof Error ? error.message : String(error), ...(effects && { effects }) };
    throw error;
  }
}

function spied(world: CallWorld, effects: Effect[]): CallWorld {
  return {
    ...world,
    output(text) {
      effects.push({ type: "output", text });
      world.output(text);
    },
    async plan(items) {
      effects.push({ type: "plan", items });
      await world.plan(items);
    },
    async changed(change) {
      effects.push({ type: "changed", change });
      await world.changed(change);
    },
  };
}

function placeOf({ messages }: ModelRequest): { at: string; when: NonNullable<Step["when"]> } {
  const answer = messages.filter(({ role }) => role === "assistant").length + 1;
  const turn = Math.max(1, messages.filter(({ role }) => role === "user").length);
  return { at: `${turn}.${answer}`, when: { turn, answer } };
}

/** Where the same request was made again, all but the last are told apart by how often it was made. */
function numbered(step: Step, at: string, index: number, all: readonly { at: string }[]): Step {
  const again = all.slice(index + 1).some((other) => other.at === at);
  const attempt = all.slice(0, index).filter((other) => other.at === at).length + 1;
  return again ? { ...step, when: { ...step.when, attempt } } : step;
}

const statuses: Partial<Record<string, number>> = { auth: 401, quota: 402, overflow: 400, rate: 429, request: 400 };

/** The same answer for whoever asks over HTTP. */
function stepOf(events: readonly ModelEvent[]): Partial<Step> {
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
      stop.reason === "failed" && { fault: faultOf(stop.failure.kind, stop.failure.message) }),
  };
}

function faultOf(kind: string, message: string): NonNullable<Step["fault"]> {
  return kind === "cut"
    ? { type: "cut", after: 1_000_000 }
    : { type: "status", status: statuses[kind] ?? 500, message };
}
