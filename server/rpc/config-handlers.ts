/** Handlers for configuration and permission rules. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Envelope } from "../../protocol/events.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { LoadedConfig } from "../config/config.ts";
import type { SavedRules } from "../config/saved-rules.ts";
import { createSessionState } from "../session/state.ts";
import type { PolicyPaths } from "../workspace/policy-paths.ts";

type ConfigMethod = Extract<keyof Handlers, `config${string}` | `permission${string}`>;

export interface ConfigHandlerDeps {
  load(cwd: string): Promise<LoadedConfig>;
  userFile: string;
  policyPaths(cwd: string): PolicyPaths;
  savedRules: SavedRules;
  checkModel(name: string): Promise<{ warning: string | null }>;
  readSession(id: string): Promise<readonly Envelope[]>;
}

export function createConfigHandlers({
  load,
  userFile,
  policyPaths,
  savedRules,
  checkModel,
  readSession,
}: ConfigHandlerDeps): Pick<Handlers, ConfigMethod> {
  return {
    async configRead({ cwd, key }) {
      const [loaded, { listConfig }] = await Promise.all([load(cwd), import("../config/list-values.ts")]);
      const all = listConfig(loaded);
      const values =
        key === undefined ? all : all.filter((value) => value.key === key || value.key.startsWith(`${key}.`));
      return { values, warnings: loaded.problems.map(({ message }) => message), path: loaded.userFile };
    },
    async configWrite({ key, text }) {
      const { parseValue, setConfig, unsetConfig } = await import("../config/set-value.ts");
      const model = key === "model" && text !== undefined ? parseValue(text) : null;
      const checked = typeof model === "string" ? await checkModel(model) : null;
      if (text === undefined) await unsetConfig(userFile, key);
      else await setConfig(userFile, key, text);
      return { path: userFile, ...(checked?.warning && { warning: checked.warning }) };
    },
    async configSchema() {
      const { buildConfigJsonSchema } = await import("../config/schema.ts");
      return { schema: buildConfigJsonSchema() };
    },
    async permissionList() {
      const saved = Object.entries(savedRules.list());
      return { rules: saved.flatMap(([cwd, rules]) => rules.map((rule) => ({ cwd, rule }))) };
    },
    async permissionForget({ cwd, rule }) {
      const { root } = policyPaths(cwd);
      const saved = savedRules.get(root);
      await savedRules.remove(root, rule);
      return { removed: rule === undefined ? saved.length : Number(saved.includes(rule)) };
    },
    async permissionCheck({ rules, session, cwd, command }) {
      const { checkCommand } = await import("../permission/check-command.ts");
      const paths = policyPaths(cwd);
      if (rules !== undefined) return checkCommand(rules, command, paths);
      const { joinRules } = await import("../permission/judge.ts");
      const { config, problems } = await load(cwd);
      const invalid = problems.find(({ level }) => level === "error");
      if (invalid) throw new TuttiError("config", invalid.message);
      const state = session === undefined ? null : createSessionState(await readSession(session));
      const approved = [...(state?.approvedRules() ?? []), ...savedRules.get(paths.root)];
      const permissions = joinRules(config.permissions, state?.view().settings ?? {}, approved);
      return checkCommand({ permissions }, command, paths);
    },
  };
}
