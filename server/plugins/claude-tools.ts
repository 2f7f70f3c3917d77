/** Our tools by the names, and their inputs in the shapes, that hooks written for Claude Code look for. */

const names: Readonly<Record<string, string>> = {
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
};

const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  read: { path: "file_path" },
  write: { path: "file_path" },
  edit: { path: "file_path", old: "old_string", new: "new_string", all: "replace_all" },
  bash: { background: "run_in_background" },
};

/** A plugin's tool `jira__search` is `mcp__jira__search` there. */
export const claudeName = (tool: string): string => names[tool] ?? (tool.includes("__") ? `mcp__${tool}` : tool);

export function claudeCall(tool: string, input: unknown): { tool: string; input: unknown } {
  if (typeof input !== "object" || input === null) return { tool: claudeName(tool), input };
  const renamed = Object.entries(input).map(([name, value]) => [fields[tool]?.[name] ?? name, value] as const);
  const given = Object.fromEntries(renamed);
  // Seconds here, milliseconds there.
  if (tool === "bash" && typeof given.timeout === "number") given.timeout *= 1000;
  return { tool: claudeName(tool), input: given };
}
