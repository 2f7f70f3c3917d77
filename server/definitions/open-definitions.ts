/** Agents, skills and commands as a folder has them. What reads and parses files is loaded only if there are any. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { listProjectFolders } from "../config/load.ts";
import type { Configuration } from "../config/open-configuration.ts";
import type { Environment } from "../config/paths.ts";
import type { ProjectItem } from "../config/trust-items.ts";
import type { Contributed, ContributedAgent, ContributedSkill } from "../plugins/contributed-definitions.ts";
import type { Agents } from "./agent.ts";
import { type AgentFields, toAgent } from "./agent-fields.ts";
import type { DefinitionFilesInput } from "./definition-files.ts";
import type { DefinitionIndex } from "./definition-index.ts";
import { createAgents } from "./find-agent.ts";
import {
  type DefinitionKind,
  folderNames,
  listDefinitionFolders,
  listUserFolders,
  opencodeFileNames,
} from "./locations.ts";
import { createNamed } from "./named.ts";
import type { Command, Named, Skill } from "./skill.ts";

export interface DefinitionsDeps {
  env: Environment;
  home: string;
  configDir: string;
  cacheDir: string;
  /** False for `--no-project`: then nothing of a project is read. */
  project: boolean;
  configuration: Pick<Configuration, "loadedFor">;
  /** Agents and skills of approved plugins. */
  plugins: {
    agents(cwd: string): Promise<Contributed<ContributedAgent>>;
    skills(cwd: string): Promise<Contributed<ContributedSkill>>;
  };
}

export interface Definitions {
  agents(cwd: string): Promise<Agents>;
  skills(cwd: string): Promise<Named<Skill>>;
  commands(cwd: string): Promise<Named<Command>>;
}

export function openDefinitions(deps: DefinitionsDeps): Definitions {
  const { cacheDir, project, configuration } = deps;
  let index: Promise<DefinitionIndex> | null = null;
  const openIndex = (): Promise<DefinitionIndex> => {
    index ??= importLoaders().then(({ openDefinitionIndex }) =>
      openDefinitionIndex(join(cacheDir, "definitions.json")),
    );
    return index;
  };
  const filesInput = (root: string): DefinitionFilesInput => ({ ...deps, root, project });
  const openFolder = async (cwd: string) => {
    const loaded = await configuration.loadedFor(cwd);
    const granted = new Set(loaded.items.flatMap((item) => (item.granted ? [item.id] : [])));
    const isTrusted = ({ id }: { id: string }): boolean => granted.has(id);
    return { loaded, input: { ...filesInput(loaded.root), isTrusted } };
  };

  return {
    async agents(cwd) {
      const [{ readBuiltinAgents }, { loaded, input }, ofPlugins] = await Promise.all([
        import("./builtin/read.ts"),
        openFolder(cwd),
        deps.plugins.agents(cwd),
      ]);
      const builtins = await readBuiltinAgents();
      const pluginAgents = ofPlugins.found.map(toPluginAgent);
      const isConfigured = Object.keys(loaded.config.agents ?? {}).length > 0;
      if (!isConfigured && !mayHave("agent", input))
        return createAgents([...builtins.map(toBuiltinAgent), ...pluginAgents], ofPlugins.problems);
      const [{ loadAgents }, opened] = await Promise.all([importLoaders(), openIndex()]);
      const { agents, problems } = await loadAgents({ ...input, loaded, builtins, index: opened });
      void opened.save();
      return createAgents([...agents, ...pluginAgents], [...problems, ...ofPlugins.problems]);
    },
    async skills(cwd) {
      const [{ input }, ofPlugins] = await Promise.all([openFolder(cwd), deps.plugins.skills(cwd)]);
      const pluginSkills = ofPlugins.found.map(toPluginSkill);
      if (!mayHave("skill", input)) return createNamed(pluginSkills, ofPlugins.problems);
      const [{ loadSkills }, opened] = await Promise.all([importLoaders(), openIndex()]);
      const { skills, problems } = await loadSkills({ ...input, index: opened });
      void opened.save();
      return createNamed([...pluginSkills, ...skills], [...problems, ...ofPlugins.problems]);
    },
    async commands(cwd) {
      const [{ readBuiltinCommands }, { input }] = await Promise.all([import("./builtin/read.ts"), openFolder(cwd)]);
      const builtins = (await readBuiltinCommands()).map(
        (command): Command => ({ ...command, source: { kind: "builtin" } }),
      );
      if (!mayHave("command", input)) return createNamed(builtins, []);
      const [{ loadCommands }, opened] = await Promise.all([importLoaders(), openIndex()]);
      const { commands, problems } = await loadCommands({ ...input, index: opened });
      void opened.save();
      return createNamed([...builtins, ...commands], problems);
    },
  };
}

const importLoaders = async () => (await import("./load-definitions.ts")).loaders;

/** What the project's files define, each needing the user's trust. `root`: the real path of the opened folder. */
export async function listDefinitionItems(input: Omit<DefinitionFilesInput, "project">): Promise<ProjectItem[]> {
  if (!hasProjectDefinitions(input.root)) return [];
  const { listProjectItems } = await import("./project-items.ts");
  return listProjectItems({ ...input, project: true });
}

const toBuiltinAgent = (fields: AgentFields) => toAgent(fields.name ?? "", fields, { kind: "builtin" });

function toPluginAgent({ plugin, name, description, prompt, tools, model }: ContributedAgent) {
  const fields = {
    description,
    prompt,
    ...(tools && { tools: { allow: tools } }),
    ...(model !== undefined && { model }),
  };
  return toAgent(`${plugin}:${name}`, fields, { kind: "plugin", plugin });
}

const toPluginSkill = ({ plugin, name, description, read }: ContributedSkill): Skill => ({
  name: `${plugin}:${name}`,
  description,
  fork: false,
  hidden: false,
  argumentHint: "",
  extra: {},
  source: { kind: "plugin", plugin },
  read,
});

/** Whether there can be any in files; asks only whether folders and files exist. */
function mayHave(kind: DefinitionKind, input: DefinitionFilesInput): boolean {
  const { OPENCODE_CONFIG: named } = input.env;
  if (named !== undefined && named !== "") return true;
  if (listUserFolders(input).some((folder) => hasAny(folder, folderNames[kind]))) return true;
  return input.project && hasProjectDefinitions(input.root);
}

function hasProjectDefinitions(root: string): boolean {
  const names = Object.values(folderNames).flat();
  return listProjectFolders(root).some(
    (folder) => hasAny(folder, []) || listDefinitionFolders(folder).some((one) => hasAny(one, names)),
  );
}

const hasAny = (folder: string, names: readonly string[]): boolean =>
  existsSync(folder) && [...names, ...opencodeFileNames].some((name) => existsSync(join(folder, name)));
