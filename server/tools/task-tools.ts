/** The tools with which an agent starts others, in the order in which they are sent to the model. */
import type { Tool } from "../ports.ts";
import type { Subagents } from "../subagents.ts";
import { createTaskTool } from "./task.ts";
import { createTaskMergeTool } from "./task-merge.ts";
import { createTaskOutputTool } from "./task-output.ts";

export const createTaskTools = (subagents: Subagents): Tool[] => [
  createTaskTool(subagents) as Tool,
  createTaskOutputTool(subagents) as Tool,
  createTaskMergeTool(subagents) as Tool,
];
