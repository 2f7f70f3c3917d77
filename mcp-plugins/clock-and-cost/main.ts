/** A widget that shows how long a session has been going, and what each model has used and cost. */
import { plugin } from "../sdk/plugin.ts";
import { sidebar, status } from "./lines.ts";

/** When each session began, as far as this process has seen; milliseconds since 1970. */
const began = new Map<string, number>();

function secondsOf(session: string): number {
  const now = Date.now();
  const start = began.get(session) ?? now;
  began.set(session, start);
  return Math.floor((now - start) / 1000);
}

void plugin({
  name: "clock-and-cost",
  version: "1.0.0",
  title: "Clock and cost",
  hooks: {
    "session.started": ({ session }) => {
      secondsOf(session);
      return undefined;
    },
    "session.ended": ({ session }) => {
      began.delete(session);
      return undefined;
    },
  },
  widgets: {
    usage: {
      slots: ["status", "sidebar"],
      title: "Usage",
      render: ({ slot, width, height, view }) =>
        view === null
          ? []
          : {
              lines: (slot === "status" ? status : sidebar)(view, secondsOf(view.session), width).slice(0, height),
              refreshMs: 1000,
            },
    },
  },
}).serve();
