/** Parses an included definition; also when the program is built. A mistake in one is an error. */
import type { AgentFields } from "../agent-fields.ts";
import { parseFrontmatter } from "../frontmatter.ts";
import { parseAgent } from "../parse-agent.ts";
import { type CommandFields, parseCommand } from "../parse-command.ts";

export type BuiltinCommand = CommandFields & { name: string; template: string };

export function parseBuiltinAgent(file: string, text: string): AgentFields {
  const { data, body, problems } = parseFrontmatter(text);
  const parsed = parseAgent(data);
  refuse(file, [...problems, ...parsed.problems]);
  return { ...parsed.fields, name: nameOf(file), prompt: body };
}

export function parseBuiltinCommand(file: string, text: string): BuiltinCommand {
  const frontmatter = parseFrontmatter(text);
  const { fields, problems } = parseCommand(frontmatter);
  refuse(file, [...frontmatter.problems, ...problems]);
  return { ...fields, name: nameOf(file), template: frontmatter.body };
}

const nameOf = (file: string): string => file.replace(/\.md$/, "");

function refuse(file: string, [problem]: readonly { text: string }[]): void {
  if (problem) throw new Error(`${file}: ${problem.text}`);
}
