/** Maps tool names and inputs to those of Claude Code, for hooks that were written for it. */

const TOOL_NAMES: Readonly<Record<string, string>> = {
  bash: "Bash",
  read: "Read",
  write: "Write",
  edit: "Edit",
  patch: "MultiEdit",
  grep: "Grep",
  glob: "Glob",
  list: "LS",
  fetch: "WebFetch",
  plan: "TodoWrite",
  ask: "AskUserQuestion",
  task: "Task",
  task_output: "TaskOutput",
  skill: "Skill",
};

const FIELD_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  read: { path: "file_path" },
  write: { path: "file_path" },
  edit: { path: "file_path", old: "old_string", new: "new_string", all: "replace_all" },
  bash: { background: "run_in_background" },
  skill: { name: "skill" },
  task: {
    agent: "subagent_type",
    title: "description",
    tier: "model_tier",
    background: "run_in_background",
    task_id: "resume",
    steps: "max_turns",
  },
};

const AGENT_NAMES: Readonly<Record<string, string>> = { general: "general-purpose", explore: "Explore", plan: "Plan" };

export const toClaudeAgent = (agent: string): string => AGENT_NAMES[agent] ?? agent;

/** A plugin's tool `jira__search` is `mcp__jira__search` in Claude Code. */
export const toClaudeName = (tool: string): string => TOOL_NAMES[tool] ?? (tool.includes("__") ? `mcp__${tool}` : tool);

export function toClaudeCall(tool: string, input: unknown): { tool: string; input: unknown } {
  if (typeof input !== "object" || input === null) return { tool: toClaudeName(tool), input };
  const renamed = Object.entries(input).map(([name, value]) => [FIELD_NAMES[tool]?.[name] ?? name, value] as const);
  const fields = Object.fromEntries(renamed);
  // Tutti uses seconds, Claude Code milliseconds.
  if (tool === "bash" && typeof fields.timeout === "number") fields.timeout *= 1000;
  return { tool: toClaudeName(tool), input: fields };
}
