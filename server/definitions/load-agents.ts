/** Reads the agents that files and configuration define. Loaded only if there are any. */
import { basename } from "node:path";
import type { LoadedConfig } from "../config/config.ts";
import type { Agent, DefinitionProblem, DefinitionSource } from "./agent.ts";
import { type AgentFields, toAgent } from "./agent-fields.ts";
import type { DefinitionFile, DefinitionFilesInput } from "./definition-files.ts";
import { listDefinitionFiles } from "./definition-files.ts";
import type { DefinitionIndex } from "./definition-index.ts";
import { readOpencodeEntries } from "./opencode-files.ts";
import { mergeAgentFields, parseAgent } from "./parse-agent.ts";

export interface LoadAgentsInput extends DefinitionFilesInput {
  loaded: Pick<LoadedConfig, "config" | "sources" | "items">;
  isTrusted(item: { id: string }): boolean;
  builtins: readonly AgentFields[];
  index: DefinitionIndex;
}

/** What a file says, as it is stored in the index. */
interface IndexedAgent {
  /** Null for a file that defines no agent. */
  fields: AgentFields | null;
  problems: { line: number; text: string }[];
}

/** One layer of an agent; `isFile`: it replaces the layers before it. */
interface Layer {
  name: string;
  fields: AgentFields;
  source: DefinitionSource;
  isFile: boolean;
}

export async function loadAgents(input: LoadAgentsInput): Promise<{ agents: Agent[]; problems: DefinitionProblem[] }> {
  const problems: DefinitionProblem[] = [];
  const builtins = input.builtins.map(
    (fields): Layer => ({ name: fields.name ?? "", fields, source: { kind: "builtin" }, isFile: true }),
  );
  const files = await readFiles(input, problems);
  const layers = [...builtins, ...files, ...readOpencodeLayers(input, problems), ...readConfigured(input, problems)];
  const byName = new Map<string, Layer[]>();
  for (const layer of layers) {
    const key = layer.name.toLowerCase();
    byName.set(key, layer.isFile ? [layer] : [...(byName.get(key) ?? []), layer]);
  }
  const agents = [...byName.values()].flatMap((one) => joinLayers(one) ?? []);
  return { agents, problems };
}

function joinLayers(layers: readonly Layer[]): Agent | null {
  const [first, ...rest] = layers;
  if (first === undefined) return null;
  const fields = rest.reduce((joined, layer) => mergeAgentFields(joined, layer.fields), first.fields);
  if (fields.disable) return null;
  const agent = toAgent(first.name, fields, first.source);
  const configuredBy = [...new Set(rest.flatMap(({ source }) => source.path ?? []))];
  return configuredBy.length === 0 ? agent : { ...agent, configuredBy };
}

async function readFiles(input: LoadAgentsInput, problems: DefinitionProblem[]): Promise<Layer[]> {
  const layers: Layer[] = [];
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
  const { parseFrontmatter } = await import("./frontmatter.ts");
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

function readOpencodeLayers(input: LoadAgentsInput, problems: DefinitionProblem[]): Layer[] {
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

function readConfigured({ loaded }: LoadAgentsInput, problems: DefinitionProblem[]): Layer[] {
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
