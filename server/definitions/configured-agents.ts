/** The agents that configuration defines, of OpenCode and of Tutti. Loaded only if there is some. */
import type { DefinitionProblem } from "./agent.ts";
import type { AgentFields } from "./agent-fields.ts";
import type { AgentLayer, LoadAgentsInput } from "./load-input.ts";
import { readOpencodeEntries } from "./opencode-files.ts";
import { parseAgent } from "./parse-agent.ts";

/** Lowest priority first. */
export const readConfiguredAgents = (input: LoadAgentsInput, problems: DefinitionProblem[]): AgentLayer[] => [
  ...readOpencodeLayers(input, problems),
  ...readOwnLayers(input, problems),
];

function readOpencodeLayers(input: LoadAgentsInput, problems: DefinitionProblem[]): AgentLayer[] {
  const read = readOpencodeEntries("agent", input);
  problems.push(...read.problems);
  return read.entries
    .filter(({ item }) => item === undefined || input.isTrusted(item))
    .map(({ owner, path, name, line, value }) => {
      const parsed = parseAgent(value);
      problems.push(...parsed.problems.map(({ text }) => ({ path, line, text: `agent.${name}: ${text}` })));
      return { name, fields: withoutName(parsed.fields), source: { kind: owner, path }, isFile: false };
    });
}

function readOwnLayers({ loaded }: LoadAgentsInput, problems: DefinitionProblem[]): AgentLayer[] {
  return Object.entries(loaded.config.agents ?? {}).map(([name, value]) => {
    const key = `agents.${name}.`;
    const source = Object.entries(loaded.sources).find(([path]) => path.startsWith(key))?.[1] ?? "";
    const parsed = parseAgent(value);
    problems.push(...parsed.problems.map(({ text }) => ({ path: source, text: `agents.${name}: ${text}` })));
    const kind = loaded.items.some((item) => item.source === source) ? "project" : "user";
    return { name, fields: withoutName(parsed.fields), source: { kind, path: source }, isFile: false };
  });
}

/** A name in configuration is the key. */
const withoutName = ({ name: _, ...fields }: AgentFields): AgentFields => fields;
