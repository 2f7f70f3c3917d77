/** Parses an included definition; also when the program is built. A mistake in one is an error. */

import type { AgentFields } from "../agent-fields.ts";
import { parseFrontmatter } from "../frontmatter.ts";
import { parseAgent } from "../parse-agent.ts";

export function parseBuiltinAgent(file: string, text: string): AgentFields {
  const { data, body, problems } = parseFrontmatter(text);
  const parsed = parseAgent(data);
  const [problem] = [...problems, ...parsed.problems];
  if (problem) throw new Error(`${file}: ${problem.text}`);
  return { ...parsed.fields, name: file.replace(/\.md$/, ""), prompt: body };
}
