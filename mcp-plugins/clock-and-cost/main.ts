/** A widget that shows the duration of a session, and each model's usage and cost. */
import { plugin } from "../sdk/plugin.ts";
import { renderSidebar, renderStatus } from "./render.ts";

/** When this process first saw each session, in milliseconds since 1970. */
const startTimes = new Map<string, number>();

function elapsedSeconds(session: string): number {
  const now = Date.now();
  const start = startTimes.get(session) ?? now;
  startTimes.set(session, start);
  return Math.floor((now - start) / 1000);
}

void plugin({
  name: "clock-and-cost",
  version: "1.0.0",
  title: "Clock and cost",
  hooks: {
    "session.started": ({ session }) => {
      elapsedSeconds(session);
      return undefined;
    },
    "session.ended": ({ session }) => {
      startTimes.delete(session);
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
              lines: (slot === "status" ? renderStatus : renderSidebar)(
                view,
                elapsedSeconds(view.session),
                width,
              ).slice(0, height),
              refreshMs: 1000,
            },
    },
  },
}).serve();
