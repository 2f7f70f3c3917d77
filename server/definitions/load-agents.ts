/** Reads the agents that files and configuration define. Loaded only if there are any. */
import { basename } from "node:path";
import type { Agent, DefinitionProblem } from "./agent.ts";
import { type AgentFields, mergeAgentFields, toAgent } from "./agent-fields.ts";
import type { DefinitionFile } from "./definition-files.ts";
import { listDefinitionFiles } from "./definition-files.ts";
import { hasOpencodeFiles } from "./list-opencode-files.ts";
import type { AgentLayer, LoadAgentsInput } from "./load-input.ts";

/** What a file says, as it is stored in the index. */
interface IndexedAgent {
  /** Null for a file that defines no agent. */
  fields: AgentFields | null;
  problems: { line: number; text: string }[];
}

export async function loadAgents(input: LoadAgentsInput): Promise<{ agents: Agent[]; problems: DefinitionProblem[] }> {
  const problems: DefinitionProblem[] = [];
  const builtins = input.builtins.map(
    (fields): AgentLayer => ({ name: fields.name ?? "", fields, source: { kind: "builtin" }, isFile: true }),
  );
  const files = await readFiles(input, problems);
  const layers = [...builtins, ...files, ...(await readConfigured(input, problems))];
  const byName = new Map<string, AgentLayer[]>();
  for (const layer of layers) {
    const key = layer.name.toLowerCase();
    byName.set(key, layer.isFile ? [layer] : [...(byName.get(key) ?? []), layer]);
  }
  const agents = [...byName.values()].flatMap((one) => joinLayers(one) ?? []);
  return { agents, problems };
}

function joinLayers(layers: readonly AgentLayer[]): Agent | null {
  const [first, ...rest] = layers;
  if (first === undefined) return null;
  const fields = rest.reduce((joined, layer) => mergeAgentFields(joined, layer.fields), first.fields);
  if (fields.disable) return null;
  const agent = toAgent(first.name, fields, first.source);
  const configuredBy = [...new Set(rest.flatMap(({ source }) => source.path ?? []))];
  return configuredBy.length === 0 ? agent : { ...agent, configuredBy };
}

async function readFiles(input: LoadAgentsInput, problems: DefinitionProblem[]): Promise<AgentLayer[]> {
  const layers: AgentLayer[] = [];
  const folders = new Map<string, string>();
  for (const file of listDefinitionFiles("agent", input)) {
    if (file.item && !input.isTrusted(file.item)) continue;
    const { path, owner } = file;
    const read = await input.index.read(`agent ${path}`, file.signature, () => parseFile(file));
    problems.push(...read.problems.map((problem) => ({ path, ...problem })));
    if (read.fields === null) continue;
    const { name = basename(path).replace(/\.md$/i, ""), ...fields } = read.fields;
    const folder = path.slice(0, path.length - file.relative.length);
    const key = `${folder}\n${name.toLowerCase()}`;
    const other = folders.get(key);
    if (other !== undefined)
      problems.push({ path, text: `${other} also defines an agent named ${name}; this file counts.` });
    folders.set(key, path);
    layers.push({ name, fields, source: { kind: owner, path }, isFile: true });
  }
  return layers;
}

async function parseFile(file: DefinitionFile): Promise<IndexedAgent> {
  const read = file.read();
  if ("problem" in read) return { fields: null, problems: [{ line: 1, text: read.problem }] };
  const [{ parseFrontmatter }, { parseAgent }] = await Promise.all([
    import("./frontmatter.ts"),
    import("./parse-agent.ts"),
  ]);
  const { data, lines, body, problems } = parseFrontmatter(read.text);
  // Notes about the agents, such as README.md.
  if (Object.keys(data).length === 0 && /^(readme|agents|claude|index)\.md$/i.test(basename(file.path)))
    return { fields: null, problems: [] };
  const parsed = parseAgent(data);
  const found = [...problems, ...parsed.problems.map(({ key, text }) => ({ line: lines[key] ?? 1, text }))];
  if (parsed.fields.description === undefined && !parsed.fields.disable)
    found.push({ line: 1, text: "The agent has no description, so no model knows when to use it." });
  return { fields: { prompt: body, ...parsed.fields }, problems: found };
}

async function readConfigured(input: LoadAgentsInput, problems: DefinitionProblem[]): Promise<AgentLayer[]> {
  if (Object.keys(input.loaded.config.agents ?? {}).length === 0 && !hasOpencodeFiles(input)) return [];
  const { readConfiguredAgents } = await import("./configured-agents.ts");
  return readConfiguredAgents(input, problems);
}
