/** task: gives a task to another agent, in a session of its own. */
import { describeError } from "../../protocol/errors.ts";
import { type Tier, tiers } from "../../protocol/settings.ts";
import type { Tool, ToolCallContext, ToolResult } from "../ports.ts";
import type { Subagents } from "../subagents.ts";
import { failWith } from "./apply-file-change.ts";
import { truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { formatTask } from "./task-output.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  agent: { type: "text", optional: true, aliases: ["subagent_type", "subagentType", "agent_type", "agent_name"] },
  prompt: { type: "text", description: "the whole task", aliases: ["task", "instructions", "message"] },
  title: { type: "text", optional: true, description: "a few words", aliases: ["description", "name"] },
  tier: {
    type: "text",
    optional: true,
    values: tiers,
    description: "how hard it is; default: assessed",
    aliases: ["model_tier", "modelTier"],
  },
  background: {
    type: "flag",
    optional: true,
    description: "return at once",
    aliases: ["run_in_background", "runInBackground"],
  },
  task_id: {
    type: "text",
    optional: true,
    description: "continue this earlier task",
    aliases: ["resume", "taskId"],
  },
  isolation: { type: "text", optional: true, hidden: true },
  timeout: { type: "count", optional: true, hidden: true, aliases: ["timeout_seconds"] },
  steps: { type: "count", optional: true, hidden: true, aliases: ["max_turns", "maxTurns", "max_steps"] },
  model: { type: "text", optional: true, hidden: true },
} satisfies Fields;

/** Models that Claude Code names, by the tier that they stand for; `inherit` is the default. */
const claudeModels: Readonly<Record<string, Tier | null>> = {
  haiku: "quick",
  sonnet: "standard",
  opus: "advanced",
  inherit: null,
};

interface Input {
  agent?: string;
  prompt: string;
  title: string;
  tier?: Tier;
  model?: string;
  background: boolean;
  resume?: string;
  isolation?: "worktree";
  timeoutMs: number | null;
  maxSteps?: number;
}

export function createTaskTool(subagents: Subagents): Tool<Input> {
  const { agents } = subagents;
  const names = agents.map(({ name }) => name).join(", ");
  const list = agents.map(({ name, description }) => `- ${name}: ${truncateLine(description, 160)}`).join("\n");
  const [first = "", ...rest] = manual.task.split("\n\n");
  return {
    name: "task",
    kind: "task",
    description: `Give a task to a subagent: ${names}.`,
    long: [`${first}\n${list}`, ...rest].join("\n\n"),
    schema: toSchema(fields),
    normalize: (input) => normalizeFields(fields, input),
    parallel: true,
    parse,
    prepare: async ({ agent, title }) => ({
      title: agent === undefined ? title : `${agent}: ${title}`,
      locations: [],
      accesses: [{ kind: "none" }],
    }),
    run: (input, context) => run(subagents, input, context),
  };
}

function parse(input: unknown): Parsed<Input> {
  const read = readFields("task", fields, input);
  if (!read.ok) return read;
  const { agent, prompt, background = false, task_id: resume, timeout, steps: maxSteps, isolation } = read.input;
  const tier = read.input.tier?.toLowerCase();
  if (tier !== undefined && !isTier(tier))
    return { ok: false, problem: `task: "tier" must be ${tiers.join(", ")}, not ${JSON.stringify(tier)}.` };
  if (isolation !== undefined && isolation !== "worktree" && isolation !== "none")
    return { ok: false, problem: `task: "isolation" must be "worktree", not ${JSON.stringify(isolation)}.` };
  const model = chooseModel(read.input.model);
  return {
    ok: true,
    input: {
      ...(agent !== undefined && { agent }),
      prompt,
      title: truncateLine(read.input.title ?? prompt.trim(), 60),
      ...model,
      ...(tier !== undefined && { tier }),
      background,
      ...(resume !== undefined && { resume }),
      ...(isolation === "worktree" && { isolation }),
      timeoutMs: timeout === undefined ? null : timeout * 1000,
      ...(maxSteps !== undefined && { maxSteps }),
    },
  };
}

const isTier = (text: string): text is Tier => (tiers as readonly string[]).includes(text);

function chooseModel(model: string | undefined): Pick<Input, "model" | "tier"> {
  if (model === undefined) return {};
  const known = claudeModels[model.toLowerCase()];
  if (known === undefined) return { model };
  return known === null ? {} : { tier: known };
}

async function run(subagents: Subagents, input: Input, context: ToolCallContext): Promise<ToolResult> {
  const { signal, call } = context;
  const { timeoutMs, ...request } = input;
  let id: string;
  try {
    const onActivity = (title: string) => context.output(`${title}\n`);
    id = await subagents.start({ ...request, call, onActivity }, signal);
  } catch (error) {
    return failWith(describeError(error));
  }
  // Also in the output of a call that a crash interrupts, so that the task can be continued.
  context.output(`task_id: ${id}\n`);
  if (input.background)
    return { ok: true, output: `task_id: ${id}\nStarted in the background. task_output waits for its result.` };
  let state = await subagents.wait(id, timeoutMs, signal);
  const isLate = state.state === "running";
  if (isLate) {
    await subagents.cancel(id);
    state = await subagents.wait(id, 0, signal);
  }
  const late = isLate && !signal.aborted ? `It was stopped after its timeout of ${(timeoutMs ?? 0) / 1000} s.` : "";
  return { ok: state.state === "done", output: formatTask(state, late) };
}
