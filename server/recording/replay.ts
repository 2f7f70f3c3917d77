/**
 * Replays a recorded run without a model and without running tools. If a request differs from the recording, the run ends with a
 * `diverged` failure that shows the expected and the actual request.
 */
import { readFileSync } from "node:fs";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { FileChange, PlanItem } from "../../protocol/events.ts";
import type { PermissionDecision } from "../agent/turn-context.ts";
import { readScenario } from "../model/read-scenario.ts";
import type { Message, Model, ModelEvent, PreparedCall, Tool, ToolCallContext, ToolResult } from "../ports.ts";
import {
  createRequestDiff,
  decode,
  encode,
  type RecordedCall,
  type RecordedEffect,
  type RecordedModel,
  type RecordedRequest,
  type Recording,
  type RecordingFile,
} from "./recording.ts";
import { upgradeCall, upgradeResponse } from "./upgrade.ts";

interface RecordedResponse {
  expects: RecordedRequest;
  events: ModelEvent[];
}

interface RecordedOutcome<T> {
  result?: T;
  error?: string;
  effects?: RecordedEffect[];
}

export async function openReplay(file: string): Promise<Recording> {
  const scenario = await readScenario(readText(file), file);
  const recording = decode(JSON.stringify(scenario.recording ?? null)) as RecordingFile | null;
  const responses = scenario.steps.map(
    ({ recorded }) =>
      upgradeResponse(
        decode(JSON.stringify(recorded ?? null)) as Record<string, unknown> | null,
      ) as RecordedResponse | null,
  );
  if (recording?.version !== 1 || responses.includes(null))
    throw new TuttiError("usage", `${file} is a scenario, not a recording. Serve it with \`tutti rehearse ${file}\`.`);
  const takeCall = openCallQueue(recording.traffic.map(upgradeCall));
  const delta = createRequestDiff();
  let openCount = 0;
  let stepCount = 0;

  const replayModel = (recordedModel: RecordedModel): Model => {
    const { why: _why, warnings: _warnings, ...model } = recordedModel;
    return {
      ...model,
      async *stream(request, signal) {
        const step = stepCount++;
        const actual = delta(request.messages, request.tools);
        const response = responses[step];
        const difference = response
          ? describeDifference(response.expects, actual)
          : "the recording ends before this step.";
        if (difference !== null || !response) {
          const message = `The run differs from the recording at step ${step + 1}: ${difference}`.slice(0, 300);
          yield { type: "stop", reason: "failed", failure: { kind: "diverged", message } };
          return;
        }
        for (const event of response.events) {
          if (signal.aborted) {
            yield { type: "stop", reason: "cancelled" };
            return;
          }
          yield event;
        }
        if (response.events.at(-1)?.type !== "stop") yield { type: "stop", reason: "cancelled" };
      },
    };
  };

  return {
    wrapModel: () => async () => {
      const recordedModel = recording.models[Math.min(openCount++, recording.models.length - 1)];
      if (recordedModel === undefined) throw new TuttiError("usage", `${file} contains no model.`);
      return { model: replayModel(recordedModel), reason: recordedModel.why, warnings: recordedModel.warnings };
    },
    wrapTools: (tools) => tools.map((tool) => replayTool(tool, takeCall)),
    wrapJudge:
      () =>
      async ({ tool, input }) => {
        const judgement = takeCall<PermissionDecision>("judge", tool.name, input) ?? {
          decision: "deny",
          reason: "the recording has no such call",
        };
        // A call that the user approved was run in the recording, and no approval is requested again.
        return judgement.decision === "ask" && takeCall.has("run", tool.name, input)
          ? { decision: "allow" }
          : judgement;
      },
    close: () => Promise.resolve(),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TuttiError("usage", `Cannot read ${file}: ${describeError(error)}.`);
  }
}

interface CallQueue {
  /** The outcome of the next matching call; undefined if the recording has no more. */
  <T>(kind: RecordedCall["kind"], tool: string, input: unknown): T | undefined;
  has(kind: RecordedCall["kind"], tool: string, input: unknown): boolean;
}

function openCallQueue(traffic: readonly RecordedCall[]): CallQueue {
  const queues = new Map<string, unknown[]>();
  const keyOf = (kind: string, tool: string, input: unknown): string => `${kind} ${tool} ${encode(input)}`;
  for (const { kind, tool, input, value } of traffic) {
    const key = keyOf(kind, tool, input);
    queues.set(key, [...(queues.get(key) ?? []), value]);
  }
  const take = <T>(kind: RecordedCall["kind"], tool: string, input: unknown): T | undefined =>
    queues.get(keyOf(kind, tool, input))?.shift() as T | undefined;
  const has: CallQueue["has"] = (kind, tool, input) => (queues.get(keyOf(kind, tool, input))?.length ?? 0) > 0;
  return Object.assign(take, { has });
}

const missingCall = "the recording has no such call";

function replayTool(tool: Tool, take: CallQueue): Tool {
  return {
    ...tool,
    async prepare(input) {
      const { result, error } = take<RecordedOutcome<PreparedCall>>("plan", tool.name, input) ?? {};
      if (error !== undefined) throw new Error(error);
      return result ?? { title: tool.name, locations: [], accesses: [{ kind: "none" }] };
    },
    async run(input, context) {
      const {
        result,
        error,
        effects = [],
      } = take<RecordedOutcome<ToolResult>>("run", tool.name, input) ?? { error: missingCall };
      for (const effect of effects) await replayEffect(effect, context);
      if (error !== undefined) throw new Error(error);
      return result ?? { ok: false, output: missingCall };
    },
  };
}

async function replayEffect(effect: RecordedEffect, context: ToolCallContext): Promise<void> {
  if (effect.type === "output") context.output(effect.text);
  else if (effect.type === "plan") await context.updatePlan(effect.items as PlanItem[]);
  else await context.fileChanged(effect.change as FileChange);
}

/** Tools that older recordings do not have; a recorded model never calls them. */
const LATER_TOOLS: ReadonlySet<string> = new Set(["task", "task_output", "task_merge"]);

/** Describes the first difference, or null. */
function describeDifference(expects: RecordedRequest, request: RecordedRequest): string | null {
  const isOlder = !expects.tools.some((name) => LATER_TOOLS.has(name));
  const tools = isOlder ? request.tools.filter((name) => !LATER_TOOLS.has(name)) : request.tools;
  const actual = { ...request, tools };
  if (encode(expects.tools) !== encode(actual.tools))
    return `expected the tools ${expects.tools.join(", ")}; got ${actual.tools.join(", ")}.`;
  const length = Math.max(expects.messages.length, actual.messages.length);
  for (let at = 0; at < length; at += 1) {
    const [expected, received] = [expects.messages[at], actual.messages[at]];
    if (encode(expected ?? null) !== encode(received ?? null))
      return `expected ${excerpt(expected, received)}; got ${excerpt(received, expected)}.`;
  }
  return expects.kept === actual.kept ? null : `expected ${expects.kept} earlier messages; got ${actual.kept}.`;
}

/** The message from shortly before the first difference. */
function excerpt(message: Message | undefined, other: Message | undefined): string {
  if (message === undefined) return "nothing";
  const [text, otherText] = [encode(getBody(message)), encode(other ? getBody(other) : null)];
  let same = 0;
  while (same < text.length && text[same] === otherText[same]) same += 1;
  const from = Math.max(0, same - 20);
  return `${message.role}: ${from > 0 ? "…" : ""}${text.slice(from, from + 80)}${text.length > from + 80 ? "…" : ""}`;
}

const getBody = (message: Message): unknown => (message.role === "tool" ? message.results : message.content);
