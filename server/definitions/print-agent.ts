/** The agent of a run for a script that calls `claude -p`: what the flags of the call set, in Claude Code's terms. */
import type { Agent } from "./agent.ts";
import { toAgent } from "./agent-fields.ts";
import type { Definitions } from "./open-definitions.ts";
import { parseAgent } from "./parse-agent.ts";

export interface PrintAgentOptions {
  /** In place of Tutti's system prompt. */
  systemPrompt?: string;
  /** Added to the system prompt. */
  appendSystemPrompt?: string;
  /** The only tools that are offered; null: all. */
  tools: readonly string[] | null;
  /** Permission rules. */
  allow: readonly string[];
  deny: readonly string[];
  /** False: no plugins and no hooks. */
  plugins: boolean;
}

export const PRINT_AGENT = "claude";

export function addPrintAgent(definitions: Definitions, options: PrintAgentOptions): Definitions {
  const agent = createPrintAgent(options);
  return {
    ...definitions,
    async agents(cwd) {
      const agents = await definitions.agents(cwd);
      return { ...agents, find: (name) => (name === PRINT_AGENT ? agent : agents.find(name)) };
    },
  };
}

function createPrintAgent({
  systemPrompt,
  appendSystemPrompt = "",
  tools,
  allow,
  deny,
  plugins,
}: PrintAgentOptions): Agent {
  const { fields } = parseAgent({
    ...(tools && { tools: [...tools] }),
    permissions: { allow: [...allow], deny: [...deny] },
  });
  const own = systemPrompt === undefined ? {} : { systemPrompt };
  const withoutPlugins = plugins ? {} : { withoutPlugins: true as const };
  const text = { prompt: appendSystemPrompt, mode: "primary" as const, hidden: true };
  return toAgent(PRINT_AGENT, { ...fields, ...text, ...own, ...withoutPlugins }, { kind: "builtin" });
}
