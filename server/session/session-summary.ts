/** The summary of a session for lists, and the index for lists and searches. */
import type { ResultOf, Summary } from "../../protocol/methods.ts";
import type { UsageRow } from "../../protocol/stats-methods.ts";
import type { SessionView } from "../../protocol/view.ts";

/** The list of sessions and full-text search; rebuilt from the logs if missing or out of date. */
export interface SessionIndex {
  list(filter: {
    cwd?: string;
    archived: boolean;
    limit: number;
    cursor?: string;
    idPrefix?: string;
    /** With the sessions of subagents. */
    tasks?: boolean;
  }): Promise<ResultOf<"sessionList">>;
  /** The usage of all sessions since this local day (`YYYY-MM-DD`). */
  usage(firstDay: string): Promise<UsageRow[]>;
  search(text: string, limit: number): Promise<ResultOf<"sessionSearch">["hits"]>;
}

export function toSummary(view: SessionView): Summary {
  return {
    id: view.id,
    title: view.title,
    cwd: view.cwd,
    openedAt: view.openedAt,
    updatedAt: view.updatedAt,
    turns: view.turns,
    model: view.model,
    archived: view.archived,
    running: view.activity.state === "running",
    ...(view.task && { task: view.task }),
  };
}
