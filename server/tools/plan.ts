/** plan: the list of steps that the person sees. */
import type { PlanItem } from "../../protocol/events.ts";
import type { Tool } from "../ports.ts";
import { type Fields, type Parsed, readFields } from "./input.ts";
import { manual } from "./manual.ts";
import { narrow } from "./show.ts";

const outer = { items: { type: "list", also: ["todos", "plan", "steps", "tasks"] } } satisfies Fields;
const inner = {
  text: { type: "text", also: ["content", "step", "title", "task", "description"] },
  state: { type: "text", optional: true, also: ["status"] },
} satisfies Fields;

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
  schema: {
    type: "object",
    properties: {
      items: {
        type: "array",
        items: {
          type: "object",
          properties: {
            text: { type: "string" },
            state: { type: "string", enum: ["pending", "active", "done", "dropped"] },
          },
          required: ["text", "state"],
        },
      },
    },
    required: ["items"],
  },
  parallel: false,
  parse,
  async plan({ items }) {
    const active = items.find((item) => item.state === "active") ?? items.findLast((item) => item.state === "done");
    return { title: narrow(active?.text ?? "plan", 80), locations: [], wants: [{ kind: "none" }] };
  },
  async run({ items }, world) {
    await world.plan(items);
    const done = items.filter((item) => item.state === "done").length;
    return { ok: true, output: `Noted: ${done} of ${items.length} done.` };
  },
};

function parse(input: unknown): Parsed<{ items: PlanItem[] }> {
  const read = readFields("plan", outer, Array.isArray(input) ? { items: input } : input);
  if (!read.ok) return read;
  const items: PlanItem[] = [];
  for (const [index, item] of read.input.items.entries()) {
    const one = readFields(`plan: items[${index}]`, inner, typeof item === "string" ? { text: item } : item);
    if (!one.ok) return one;
    const state = states[one.input.state?.toLowerCase() ?? "pending"];
    if (state === undefined)
      return { ok: false, problem: `plan: items[${index}]: "state" must be pending, active, done or dropped.` };
    items.push({ text: one.input.text, state });
  }
  return { ok: true, input: { items } };
}
