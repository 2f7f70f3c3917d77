/** What subagents are started with. Types only. */
import type { Settings } from "../../protocol/events.ts";
import type { Mode } from "../../protocol/settings.ts";
import type { Agent, Agents } from "../definitions/agent.ts";
import type { Clock } from "../ports.ts";
import type { Sessions } from "../session/sessions.ts";
import type { WorktreeDeps } from "./worktree.ts";

export interface TasksDeps {
  sessions: Pick<Sessions, "create" | "open" | "read" | "close" | "live" | "isStored" | "list">;
  clock: Pick<Clock, "now" | "sleep">;
  worktrees: WorktreeDeps;
  newId(): string;
}

/** The turn that starts subagents. */
export interface TaskParent {
  session: string;
  agent: Agent;
  agents: Agents;
  /** With the permissions of its agent. */
  settings: Settings;
  mode: Mode;
}
