/** What the methods about configuration and permission rules do. */
import type { Handlers } from "../../protocol/methods.ts";
import type { Loaded } from "../config/config.ts";
import type { Places } from "../permission/places.ts";

type Mine = Extract<keyof Handlers, `config${string}` | `permission${string}`>;

export interface ConfigHandlerParts {
  load(cwd: string): Promise<Loaded>;
  userFile: string;
  placesAt(cwd: string): Places;
  dataDir: string;
}

export function configHandlers({ load, userFile, placesAt, dataDir }: ConfigHandlerParts): Pick<Handlers, Mine> {
  return {
    async configRead({ cwd, key }) {
      const [loaded, { listConfig }] = await Promise.all([load(cwd), import("../config/mask.ts")]);
      const all = listConfig(loaded);
      const values =
        key === undefined ? all : all.filter((value) => value.key === key || value.key.startsWith(`${key}.`));
      return { values, warnings: loaded.problems.map(({ message }) => message), path: loaded.userFile };
    },
    async configWrite({ key, text }) {
      const { setConfig, unsetConfig } = await import("../config/edit.ts");
      if (text === undefined) await unsetConfig(userFile, key);
      else await setConfig(userFile, key, text);
      return { path: userFile };
    },
    async configSchema() {
      const { configSchema } = await import("../config/schema.ts");
      return { schema: configSchema() };
    },
    async permissionList() {
      const { loadRemembered } = await import("../config/remembered.ts");
      const kept = Object.entries(loadRemembered(dataDir));
      return { rules: kept.flatMap(([cwd, rules]) => rules.map((rule) => ({ cwd, rule }))) };
    },
    async permissionForget({ cwd, rule }) {
      const { forget, loadRemembered } = await import("../config/remembered.ts");
      const { root } = placesAt(cwd);
      const kept = loadRemembered(dataDir)[root] ?? [];
      await forget(dataDir, root, rule);
      return { forgotten: rule === undefined ? kept.length : Number(kept.includes(rule)) };
    },
    async permissionCheck({ rules, cwd, command }) {
      const { checkCommand } = await import("../permission/check.ts");
      return checkCommand(rules, command, placesAt(cwd));
    },
  };
}
