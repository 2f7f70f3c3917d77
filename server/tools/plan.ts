/** plan: the to-do list that the user sees. */
import type { PlanItem } from "../../protocol/events.ts";
import type { Tool } from "../ports.ts";
import { truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { manual } from "./tool-descriptions.ts";

const inner = {
  text: { type: "text", aliases: ["content", "step", "title", "task", "description"] },
  state: { type: "text", lenient: true, values: ["pending", "active", "done", "dropped"], aliases: ["status"] },
} satisfies Fields;
const outer = { items: { type: "list", items: inner, aliases: ["todos", "plan", "steps", "tasks"] } } satisfies Fields;

const states: Record<string, PlanItem["state"]> = {
  pending: "pending",
  todo: "pending",
  active: "active",
  in_progress: "active",
  "in progress": "active",
  doing: "active",
  done: "done",
  completed: "done",
  complete: "done",
  dropped: "dropped",
  cancelled: "dropped",
  canceled: "dropped",
};

export const plan: Tool<{ items: PlanItem[] }> = {
  name: "plan",
  kind: "think",
  description: "Show your steps; send the whole list each time.",
  long: manual.plan,
  schema: toSchema(outer),
  normalize: (input) => normalizeFields(outer, Array.isArray(input) ? { items: input } : input),
  parallel: false,
  parse,
  async prepare({ items }) {
    const active = items.find((item) => item.state === "active") ?? items.findLast((item) => item.state === "done");
    return { title: truncateLine(active?.text ?? "plan", 80), locations: [], accesses: [{ kind: "none" }] };
  },
  async run({ items }, context) {
    await context.updatePlan(items);
    const done = items.filter((item) => item.state === "done").length;
    return { ok: true, output: `Plan updated: ${done} of ${items.length} done.` };
  },
};

function parse(input: unknown): Parsed<{ items: PlanItem[] }> {
  const read = readFields("plan", outer, Array.isArray(input) ? { items: input } : input);
  if (!read.ok) return read;
  const items: PlanItem[] = [];
  for (const [index, item] of read.input.items.entries()) {
    const parsed = readFields(`plan: items[${index}]`, inner, typeof item === "string" ? { text: item } : item);
    if (!parsed.ok) return parsed;
    const state = states[parsed.input.state?.toLowerCase() ?? "pending"];
    if (state === undefined)
      return { ok: false, problem: `plan: items[${index}]: "state" must be pending, active, done or dropped.` };
    items.push({ text: parsed.input.text, state });
  }
  return { ok: true, input: { items } };
}
