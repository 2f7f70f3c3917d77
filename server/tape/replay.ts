/**
 * Plays a recorded run again without a model and without running a tool. Where the run asks something else than it did then, it
 * ends as diverged and says what was expected and what came.
 */
import { readFileSync } from "node:fs";
import { TuttiError } from "../../protocol/errors.ts";
import type { FileChange, PlanItem } from "../../protocol/events.ts";
import type { Judgement } from "../agent/turn.ts";
import { readScenario } from "../model/scenario.ts";
import type { CallWorld, Message, Model, ModelEvent, Plan, Tool, ToolResult } from "../ports.ts";
import {
  createDelta,
  decode,
  type Effect,
  type Expected,
  encode,
  type RecordedModel,
  type Recording,
  type Tape,
  type Traffic,
} from "./tape.ts";

interface Answered {
  expects: Expected;
  events: ModelEvent[];
}

interface Settled<T> {
  result?: T;
  error?: string;
  effects?: Effect[];
}

export async function openReplay(file: string): Promise<Tape> {
  const scenario = await readScenario(readText(file), file);
  const recording = decode(JSON.stringify(scenario.recording ?? null)) as Recording | null;
  const answers = scenario.steps.map(({ recorded }) => decode(JSON.stringify(recorded ?? null)) as Answered | null);
  if (recording?.version !== 1 || answers.includes(null))
    throw new TuttiError(
      "usage",
      `${file} is a scenario, but not the recording of a run; \`tutti rehearse ${file}\` serves it.`,
    );
  const take = openTraffic(recording.traffic);
  const delta = createDelta();
  let opened = 0;
  let asked = 0;

  const play = (facts: RecordedModel): Model => {
    const { why: _why, warnings: _warnings, ...model } = facts;
    return {
      ...model,
      async *stream(request, signal) {
        const step = asked++;
        const came = delta(request.messages, request.tools);
        const answer = answers[step];
        const difference = answer ? differenceOf(answer.expects, came) : "the recording ends before it.";
        if (difference !== null || !answer) {
          const message = `The run leaves the recording at step ${step + 1}: ${difference}`.slice(0, 300);
          yield { type: "stop", reason: "failed", failure: { kind: "diverged", message } };
          return;
        }
        for (const event of answer.events) {
          if (signal.aborted) {
            yield { type: "stop", reason: "cancelled" };
            return;
          }
          yield event;
        }
        if (answer.events.at(-1)?.type !== "stop") yield { type: "stop", reason: "cancelled" };
      },
    };
  };

  return {
    modelFor: () => async () => {
      const facts = recording.models[Math.min(opened++, recording.models.length - 1)];
      if (facts === undefined) throw new TuttiError("usage", `${file} names no model.`);
      return { model: play(facts), why: facts.why, warnings: facts.warnings };
    },
    tools: (tools) => tools.map((tool) => played(tool, take)),
    judge:
      () =>
      async ({ tool, input }) => {
        const judgement = take<Judgement>("judge", tool.name, input) ?? {
          decision: "deny",
          reason: "the recording has no such call",
        };
        // What a person allowed then was run then; there is nobody to ask again.
        return judgement.decision === "ask" && take.has("run", tool.name, input) ? { decision: "allow" } : judgement;
      },
    close: () => Promise.resolve(),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TuttiError("usage", `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

interface Take {
  /** What came of the next such call; undefined where the recording has none left. */
  <T>(kind: Traffic["kind"], tool: string, input: unknown): T | undefined;
  has(kind: Traffic["kind"], tool: string, input: unknown): boolean;
}

function openTraffic(traffic: readonly Traffic[]): Take {
  const waiting = new Map<string, unknown[]>();
  const keyOf = (kind: string, tool: string, input: unknown): string => `${kind} ${tool} ${encode(input)}`;
  for (const { kind, tool, input, value } of traffic) {
    const key = keyOf(kind, tool, input);
    waiting.set(key, [...(waiting.get(key) ?? []), value]);
  }
  const take = <T>(kind: Traffic["kind"], tool: string, input: unknown): T | undefined =>
    waiting.get(keyOf(kind, tool, input))?.shift() as T | undefined;
  const has: Take["has"] = (kind, tool, input) => (waiting.get(keyOf(kind, tool, input))?.length ?? 0) > 0;
  return Object.assign(take, { has });
}

const missing = "the recording has no such call";

function played(tool: Tool, take: Take): Tool {
  return {
    ...tool,
    async plan(input) {
      const { result, error } = take<Settled<Plan>>("plan", tool.name, input) ?? {};
      if (error !== undefined) throw new Error(error);
      return result ?? { title: tool.name, locations: [], wants: [{ kind: "none" }] };
    },
    async run(input, world) {
      const { result, error, effects = [] } = take<Settled<ToolResult>>("run", tool.name, input) ?? { error: missing };
      for (const effect of effects) await again(effect, world);
      if (error !== undefined) throw new Error(error);
      return result ?? { ok: false, output: missing };
    },
  };
}

async function again(effect: Effect, world: CallWorld): Promise<void> {
  if (effect.type === "output") world.output(effect.text);
  else if (effect.type === "plan") await world.plan(effect.items as PlanItem[]);
  else await world.changed(effect.change as FileChange);
}

/** A sentence on the first thing that differs, or null. */
function differenceOf(expects: Expected, came: Expected): string | null {
  if (encode(expects.tools) !== encode(came.tools))
    return `expected the tools ${expects.tools.join(", ")}; came ${came.tools.join(", ")}.`;
  const most = Math.max(expects.messages.length, came.messages.length);
  for (let at = 0; at < most; at += 1) {
    const [wanted, got] = [expects.messages[at], came.messages[at]];
    if (encode(wanted ?? null) !== encode(got ?? null))
      return `expected ${excerpt(wanted, got)}; came ${excerpt(got, wanted)}.`;
  }
  return expects.kept === came.kept ? null : `expected ${expects.kept} earlier messages; came ${came.kept}.`;
}

/** The message from a little before the place where it differs from the other. */
function excerpt(message: Message | undefined, other: Message | undefined): string {
  if (message === undefined) return "nothing";
  const [text, against] = [encode(bodyOf(message)), encode(other ? bodyOf(other) : null)];
  let same = 0;
  while (same < text.length && text[same] === against[same]) same += 1;
  const from = Math.max(0, same - 20);
  return `${message.role}: ${from > 0 ? "…" : ""}${text.slice(from, from + 80)}${text.length > from + 80 ? "…" : ""}`;
}

const bodyOf = (message: Message): unknown => (message.role === "tool" ? message.results : message.content);
