/**
 * Where plugins bring more tools than a model should carry along: it is told of two that find and use the others. The list that it is
 * told of stays the same, byte for byte, so prompt caches hold.
 */
import type { Tool } from "../ports.ts";

const MOST_TOOLS = 30;
/** Characters of names, descriptions and schemas: about 8,000 tokens. */
const MOST_CHARACTERS = 32_000;
const FOUND_MOST = 8;

export const FIND = "find_tool";
export const USE = "use_tool";

export const weightOf = ({ name, long, schema }: Tool): number =>
  name.length + long.length + JSON.stringify(schema).length;

/** Null where all of them can be told of. */
export function shelve(tools: readonly Tool[]): Tool[] | null {
  const weight = tools.reduce((sum, tool) => sum + weightOf(tool), 0);
  return tools.length <= MOST_TOOLS && weight <= MOST_CHARACTERS ? null : [findTool(tools), useTool(tools)];
}

function findTool(tools: readonly Tool[]): Tool<{ query: string }> {
  const plugins = [...new Set(tools.map(({ name }) => name.split("__", 1)[0]))].join(", ");
  return {
    name: FIND,
    kind: "think",
    description: `Find tools of these plugins by what they do: ${plugins}.`,
    long: `Find tools of these plugins by what they do: ${plugins}.\n\nGive a few words, such as "create issue"; you get the tools that fit best with their schemas, and call them with ${USE}.`,
    schema: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
    parallel: true,
    parse(input) {
      const query = (input as { query?: unknown } | null)?.query;
      return typeof query === "string"
        ? { ok: true, input: { query } }
        : { ok: false, problem: `${FIND}: "query" must be text` };
    },
    plan: async ({ query }) => ({ title: query, locations: [], wants: [] }),
    async run({ query }) {
      const found = rank(tools, query);
      if (found.length === 0)
        return { ok: true, output: `Nothing fits; there are: ${tools.map(({ name }) => name).join(", ")}` };
      const shown = found.map(({ name, long, schema }) => `${name}: ${long}\nschema: ${JSON.stringify(schema)}`);
      return { ok: true, output: shown.join("\n\n") };
    },
  };
}

/** The call is that of the tool it names: judged, asked about, shown and run as that. */
function useTool(tools: readonly Tool[]): Tool {
  return {
    name: USE,
    kind: "other",
    description: `Call a tool that ${FIND} found.`,
    long: `Call a tool that ${FIND} found, by its whole name, with the input that its schema asks for.`,
    schema: {
      type: "object",
      properties: { name: { type: "string" }, input: { type: "object" } },
      required: ["name", "input"],
    },
    parallel: false,
    parse: () => ({ ok: false, problem: `${USE}: "name" must be the name of a tool that ${FIND} found` }),
    plan: async () => ({ title: USE, locations: [], wants: [] }),
    run: async () => ({ ok: false, output: `${USE} does nothing by itself` }),
    standsFor(input) {
      const { name, input: given } = (input ?? {}) as { name?: unknown; input?: unknown };
      const tool = tools.find((one) => one.name === name);
      return tool ? { tool, input: given ?? {} } : null;
    },
  };
}

/** By how many of the words stand in a tool's name (which counts most) or description. */
function rank(tools: readonly Tool[], query: string): Tool[] {
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
    .slice(0, FOUND_MOST)
    .map(({ tool }) => tool);
}
