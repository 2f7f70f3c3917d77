/** Converts names of tools and permission rules of Claude Code and OpenCode to those of Tutti. Pure. */
import { validateRule } from "./rules.ts";

/** In lower case; both programs ignore the case of a name. */
const TOOL_NAMES: Readonly<Record<string, readonly string[]>> = {
  bash: ["bash"],
  bashoutput: ["bash"],
  killbash: ["bash"],
  killshell: ["bash"],
  shell: ["bash"],
  read: ["read"],
  notebookread: ["read"],
  write: ["write"],
  edit: ["edit", "patch"],
  multiedit: ["edit", "patch"],
  notebookedit: ["edit", "patch"],
  apply_patch: ["patch"],
  patch: ["patch"],
  grep: ["grep"],
  glob: ["glob"],
  ls: ["list"],
  list: ["list"],
  webfetch: ["fetch"],
  todowrite: ["plan"],
  todoread: ["plan"],
  askuserquestion: ["ask"],
  question: ["ask"],
  agent: ["task"],
  task: ["task"],
  taskoutput: ["task_output"],
  slashcommand: ["skill"],
};

/** Tutti's tools for a name: `Edit` covers `patch` too. A plugin's tool `mcp__jira__search` is `jira__search`. */
export function fromForeignTool(name: string): readonly string[] {
  const known = TOOL_NAMES[name.toLowerCase()];
  if (known) return known;
  const [, server, tool] = /^mcp__(.*?)(?:__(.*))?$/.exec(name) ?? [];
  if (server === undefined) return [name === "Skill" ? "skill" : name];
  if (tool !== undefined) return [`${server}__${tool}`];
  return [server === "*" ? "*__*" : `${server}__*`];
}

const RULE = /^\s*([\w*.-]+)\s*(?:\(([\s\S]*)\))?\s*$/;

/** A rule of Claude Code, such as `Bash(npm run test:*)`, or of Tutti, which begins in lower case; null if Tutti has no such rule. */
export function fromClaudeRule(text: string): string | null {
  if (/^\s*[a-z*]/.test(text) && !/^\s*mcp__/.test(text)) return validateRule(text) === null ? text.trim() : null;
  const [, name, pattern = ""] = RULE.exec(text) ?? [];
  const tool = name === undefined ? undefined : fromForeignTool(name)[0];
  const rule = tool === undefined ? null : toRule(tool, pattern.trim());
  return rule === null || validateRule(rule) !== null ? null : rule;
}

const PATH_TOOLS = new Set(["read", "write", "edit", "patch", "glob", "grep", "list"]);

function toRule(tool: string, pattern: string): string | null {
  if (pattern === "" || pattern === "*" || pattern === "**" || pattern === "domain:*") return tool;
  if (tool === "bash") return `bash(${pattern})`;
  if (tool === "fetch") return pattern.startsWith("domain:") ? `fetch(${pattern})` : null;
  return PATH_TOOLS.has(tool) ? `${tool}(${fromClaudePath(pattern)})` : null;
}

/** `//path` is absolute there, and `/path` relative to the project. */
const fromClaudePath = (path: string): string =>
  path.startsWith("//") ? path.slice(1) : path.startsWith("/") ? path.slice(1) || "**" : path;

/** What a name of OpenCode's `permission` covers: `edit` is every change of a file. Null if Tutti has nothing like it. */
export function fromOpencodePermission(name: string): readonly string[] | null {
  if (name === "edit" || name === "write" || name === "patch") return ["edit"];
  if (name === "external_directory" || name === "doom_loop" || name === "lsp") return null;
  return fromForeignTool(name);
}
