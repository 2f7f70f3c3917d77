/** Agents and skills that approved plugins contribute. Loaded only if a plugin declared that it has some. */
import { describeError } from "../../protocol/errors.ts";
import { pluginRequests } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import type { Plugin } from "./host.ts";
import { sanitizePluginText } from "./tool-results.ts";

export interface ContributedAgent {
  plugin: string;
  name: string;
  description: string;
  prompt: string;
  /** Names of tools; absent: all. */
  tools?: readonly string[];
  model?: string;
}

export interface ContributedSkill {
  plugin: string;
  name: string;
  description: string;
  /** Rejects with a message if the plugin does not provide it. */
  read(): Promise<string>;
}

/** What plugins contribute of one kind. A broken one is a problem; the rest counts. */
export interface Contributed<T> {
  found: readonly T[];
  problems: readonly ContributionProblem[];
}

interface ContributionProblem {
  /** `plugin NAME`. */
  path: string;
  text: string;
}

export type ContributedKind = "agents" | "skills";

/** A turn waits for it. */
const REQUEST_MS = 5_000;
const NAME = /^[\w.-]{1,64}$/;
/** As for files: of one text, and of all definitions of a plugin. */
const MAX_LENGTH = 1024 * 1024;
const MAX_COUNT = 2_000;

const agentShape = pluginRequests["tutti/agent/list"].result.shape.agents.element;
const skillShape = pluginRequests["tutti/skill/list"].result.shape.skills.element;

export function listContributedAgents(plugin: Plugin): Promise<Contributed<ContributedAgent>> {
  return listContributed(plugin, "agents", (listed) => {
    const { name, description, prompt, tools, model } = agentShape.parse(listed);
    return {
      plugin: plugin.spec.name,
      name,
      description: printable(description),
      prompt: printable(prompt, { keepNewlines: true }),
      ...(tools && { tools }),
      ...(model !== undefined && { model }),
    };
  });
}

export function listContributedSkills(plugin: Plugin): Promise<Contributed<ContributedSkill>> {
  return listContributed(plugin, "skills", (listed) => {
    const { name, description } = skillShape.parse(listed);
    if (description.trim() === "") throw new Error("it has no description, so no model knows when to use it");
    return {
      plugin: plugin.spec.name,
      name,
      description: sanitizePluginText(description),
      read: () => readSkill(plugin, name),
    };
  });
}

async function readSkill(plugin: Plugin, name: string): Promise<string> {
  const problem = (text: string): Error => new Error(`The skill ${name} of the plugin ${plugin.spec.name} ${text}.`);
  let answer: unknown;
  try {
    const connection = await plugin.connect();
    answer = await connection.request("tutti/skill/read", { name }, { timeoutMs: REQUEST_MS });
  } catch (error) {
    throw problem(`cannot be read: ${describeError(error)}`);
  }
  const read = pluginRequests["tutti/skill/read"].result.safeParse(answer);
  if (!read.success || read.data.text.trim() === "") throw problem("has no text");
  if (read.data.text.length > MAX_LENGTH) throw problem("is larger than 1 MiB, so it is not used");
  return sanitizePluginText(read.data.text);
}

async function listContributed<T extends { name: string }>(
  plugin: Plugin,
  kind: ContributedKind,
  parse: (listed: unknown) => T,
): Promise<Contributed<T>> {
  const path = `plugin ${plugin.spec.name}`;
  let listed: unknown;
  try {
    const connection = await plugin.connect();
    const method = kind === "agents" ? "tutti/agent/list" : "tutti/skill/list";
    listed = (await connection.request(method, {}, { timeoutMs: REQUEST_MS }))?.[kind];
  } catch (error) {
    return { found: [], problems: [{ path, text: `Its ${kind} cannot be listed: ${describeError(error)}.` }] };
  }
  if (!Array.isArray(listed)) return { found: [], problems: [{ path, text: `Its answer has no list of ${kind}.` }] };
  const found = new Map<string, T>();
  const problems: ContributionProblem[] = [];
  for (const [index, one] of listed.slice(0, MAX_COUNT).entries()) {
    try {
      const parsed = checkLimits(parse(one));
      const key = parsed.name.toLowerCase();
      if (found.has(key)) throw new Error("another one has this name");
      found.set(key, parsed);
    } catch (error) {
      problems.push({ path, text: `${describeEntry(kind, one, index)} is ignored: ${describeProblem(error)}.` });
    }
  }
  if (listed.length > MAX_COUNT)
    problems.push({ path, text: `It lists ${listed.length} ${kind}; only the first ${MAX_COUNT} are used.` });
  return { found: [...found.values()], problems };
}

function checkLimits<T extends { name: string }>(parsed: T): T {
  if (!NAME.test(parsed.name))
    throw new Error("its name must have 1 to 64 characters, and only letters, digits, ., _ and -");
  const tooLong = Object.entries(parsed).find(([, value]) => typeof value === "string" && value.length > MAX_LENGTH);
  if (tooLong) throw new Error(`its ${tooLong[0]} is larger than 1 MiB`);
  return parsed;
}

function describeEntry(kind: ContributedKind, listed: unknown, index: number): string {
  const { name } = (listed ?? {}) as { name?: unknown };
  const label = typeof name === "string" && name !== "" ? printable(name).slice(0, 80) : `number ${index + 1}`;
  return `The ${kind === "agents" ? "agent" : "skill"} ${label}`;
}

/** The first issue of a shape that does not fit, or the message. */
function describeProblem(error: unknown): string {
  const { issues } = error as { issues?: readonly { path: readonly PropertyKey[]; message: string }[] };
  const [first] = issues ?? [];
  return first ? `${first.path.join(".") || "value"}: ${first.message}` : describeError(error);
}
