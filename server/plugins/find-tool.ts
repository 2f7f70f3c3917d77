/**
 * If plugins have more tools than fit into a request, the model gets two tools to find and call them. The tool list then stays the
 * same, so that prompt caches hold.
 */
import type { Tool } from "../ports.ts";

const MAX_LISTED_TOOLS = 30;
/** Characters of names, descriptions and schemas: about 8,000 tokens. */
const MAX_LISTED_CHARACTERS = 32_000;
const MAX_RESULTS = 8;

export const FIND_TOOL = "find_tool";
export const USE_TOOL = "use_tool";

export const measureTool = ({ name, long, schema }: Tool): number =>
  name.length + long.length + JSON.stringify(schema).length;

/** Null if all tools can be listed. */
export function createToolSearch(tools: readonly Tool[]): Tool[] | null {
  const size = tools.reduce((sum, tool) => sum + measureTool(tool), 0);
  return tools.length <= MAX_LISTED_TOOLS && size <= MAX_LISTED_CHARACTERS
    ? null
    : [createFindTool(tools), createUseTool(tools)];
}

function createFindTool(tools: readonly Tool[]): Tool<{ query: string }> {
  const plugins = [...new Set(tools.map(({ name }) => name.split("__", 1)[0]))].join(", ");
  return {
    name: FIND_TOOL,
    kind: "think",
    description: `Find tools of these plugins by what they do: ${plugins}.`,
    long: `Find tools of these plugins by what they do: ${plugins}.\n\nPass a few words, such as "create issue"; the best matches are returned with their schemas. Call them with ${USE_TOOL}.`,
    schema: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
    parallel: true,
    parse(input) {
      const query = (input as { query?: unknown } | null)?.query;
      return typeof query === "string"
        ? { ok: true, input: { query } }
        : { ok: false, problem: `${FIND_TOOL}: "query" must be text` };
    },
    prepare: async ({ query }) => ({ title: query, locations: [], accesses: [] }),
    async run({ query }) {
      const found = rankTools(tools, query);
      if (found.length === 0)
        return { ok: true, output: `Nothing matches; available tools: ${tools.map(({ name }) => name).join(", ")}` };
      const shown = found.map(({ name, long, schema }) => `${name}: ${long}\nschema: ${JSON.stringify(schema)}`);
      return { ok: true, output: shown.join("\n\n") };
    },
  };
}

/** The call is checked, approved, shown and run as a call of the tool that it names. */
function createUseTool(tools: readonly Tool[]): Tool {
  return {
    name: USE_TOOL,
    kind: "other",
    description: `Call a tool that ${FIND_TOOL} found.`,
    long: `Call a tool that ${FIND_TOOL} found, by its full name, with the input that its schema requires.`,
    schema: {
      type: "object",
      properties: { name: { type: "string" }, input: { type: "object" } },
      required: ["name", "input"],
    },
    parallel: false,
    parse: () => ({ ok: false, problem: `${USE_TOOL}: "name" must be the name of a tool that ${FIND_TOOL} found` }),
    prepare: async () => ({ title: USE_TOOL, locations: [], accesses: [] }),
    run: async () => ({ ok: false, output: `${USE_TOOL} cannot run by itself` }),
    resolveTarget(input) {
      const { name, input: toolInput } = (input ?? {}) as { name?: unknown; input?: unknown };
      const tool = tools.find((candidate) => candidate.name === name);
      return tool ? { tool, input: toolInput ?? {} } : null;
    },
  };
}

/** Ranks tools by how many words occur in the name (which counts most) or the description. */
function rankTools(tools: readonly Tool[], query: string): Tool[] {
  const words = query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1);
  const scored = tools.map((tool) => {
    const [name, text] = [tool.name.toLowerCase(), tool.long.toLowerCase()];
    const score = words.reduce((sum, word) => sum + (name.includes(word) ? 3 : 0) + (text.includes(word) ? 1 : 0), 0);
    return { tool, score };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_RESULTS)
    .map(({ tool }) => tool);
}
