/** The agent's plan as a list, for screens without a sidebar. */
import type { PlanItem } from "../../protocol/events.ts";
import type { ListSpec } from "../app/app.ts";

const marks: Record<PlanItem["state"], string> = { pending: "○", active: "●", done: "✓", dropped: "−" };

export const planDialog: ListSpec = {
  title: "Plan",
  empty: "The agent has not made a plan yet.",
  items: (app) =>
    (app.server.currentView()?.plan ?? []).map(({ text, state }, index) => ({
      id: String(index),
      text: text.replaceAll("\n", " "),
      mark: marks[state],
      right: state,
    })),
};
