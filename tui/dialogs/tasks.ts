/** The subagents of a session as a tree: open one, or interrupt it. */
import { describeTask, listTaskRows, taskIcon } from "../../client/task-tree.ts";
import type { ListSpec } from "../app/app.ts";
import { formatElapsed } from "../screens/format-time.ts";

export const tasksDialog: ListSpec = {
  title: "Subagents",
  followsSession: (view) => view,
  empty: "No subagents in this session. The agent starts them with the task tool.",
  items(app) {
    const { view, now } = app.state();
    return listTaskRows(view?.tasks ?? []).map(({ task, depth }) => ({
      id: task.id,
      text: `${"  ".repeat(depth)}${task.agent}: ${task.title.replaceAll("\n", " ")}`,
      detail: describeTask(task),
      mark: taskIcon(task),
      right: formatElapsed((task.endedAt ?? now) - task.startedAt),
    }));
  },
  choose: (app, { id }) => app.showSession(id),
  keys: {
    "ctrl+x": {
      label: "interrupt",
      async run(app, { id }) {
        await app.server.call("turnCancel", { session: id });
      },
    },
  },
};
