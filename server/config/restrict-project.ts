/**
 * Filters a project's configuration. Settings that are stricter or only change the appearance apply at once. All others are withheld as
 * items that the user can trust one by one. A project may never set a few keys.
 */
import { type Mode, modes, tiers as tierNames } from "../../protocol/settings.ts";
import { toLimit } from "./budget-limit.ts";
import type { Config } from "./config.ts";
import type { ConfigFile, ProviderConfig } from "./schema.ts";
import { isSecretName } from "./secret-names.ts";
import type { WithheldSetting } from "./trust-items.ts";

const sandboxes = ["off", "on", "required"] as const;

export interface ProjectSettings {
  value: ConfigFile;
  withheld: WithheldSetting[];
  /** Dotted keys that a project may never set, trusted or not. */
  refused: string[];
}

/** `config`: the merged layers below the project's file. */
export function filterProjectConfig(file: ConfigFile, config: Config): ProjectSettings {
  const value: ConfigFile = {};
  const withheld: WithheldSetting[] = [];
  const refused: string[] = [];
  const addSetting = <K extends keyof ConfigFile>(key: K, allowed: boolean, runs = false): void => {
    if (file[key] === undefined) return;
    if (allowed) value[key] = file[key];
    else withheld.push({ path: [key], kind: "setting", value: file[key], runs });
  };
  for (const key of Object.keys(file) as (keyof ConfigFile)[]) {
    switch (key) {
      case "permissions":
        value.permissions = filterPermissions(file.permissions ?? {}, config.permissions.mode, withheld);
        break;
      case "budget":
        value.budget = filterBudget(file.budget ?? {}, config.budget ?? {}, withheld);
        break;
      case "instructions":
        value.instructions = filterInstructions(file.instructions ?? [], withheld);
        break;
      case "providers":
        for (const [name, provider] of Object.entries(file.providers ?? {}))
          withheld.push({ path: [key, name], kind: "provider", value: provider, runs: isReachable(provider) });
        break;
      case "agents":
        for (const [name, agent] of Object.entries(file.agents ?? {}))
          withheld.push({ path: [key, name], kind: "agent", value: agent, runs: relaxes(agent) });
        break;
      case "passEnvironment":
        // The user may pass a secret to commands; a project may not even request it.
        for (const name of file.passEnvironment ?? [])
          if (isSecretName(name)) refused.push(`${key} ${name}`);
          else withheld.push({ path: [key], kind: "setting", value: name, runs: true });
        break;
      case "sandbox":
        addSetting(key, sandboxes.indexOf(file.sandbox ?? "off") >= sandboxes.indexOf(config.sandbox), true);
        break;
      case "model":
        addSetting(key, file.model === config.model);
        break;
      case "share":
        addSetting(key, false, true);
        break;
      // Each plugin needs its own approval; parse-command-hooks.ts splits hooks into commands.
      case "plugins":
      case "hooks":
        break;
      case "telemetry":
        if (file.telemetry === false) value.telemetry = false;
        else refused.push(key);
        break;
      // The catalog sets the address of every provider, so it could redirect keys, in other folders too.
      case "catalog":
        refused.push(key);
        break;
      default:
        addSetting(key, key === "$schema" || key === "theme" || key === "keys" || key === "notify");
    }
  }
  return { value, withheld, refused };
}

const isReachable = ({ baseUrl, apiKey, headers, query, keyHeader }: ProviderConfig): boolean =>
  [baseUrl, apiKey, headers, query, keyHeader].some((one) => one !== undefined);

const relaxes = ({ mode, permissions }: NonNullable<ConfigFile["agents"]>[string]): boolean =>
  [mode, permissions?.mode].some((one) => one === "edit" || one === "auto") || (permissions?.allow ?? []).length > 0;

type Permissions = NonNullable<ConfigFile["permissions"]>;

function filterPermissions(file: Permissions, mode: Mode, withheld: WithheldSetting[]): Permissions {
  const result: Permissions = {};
  if (file.deny !== undefined) result.deny = file.deny;
  if (file.ask !== undefined) result.ask = file.ask;
  for (const rule of file.allow ?? [])
    withheld.push({ path: ["permissions", "allow"], kind: "permission", value: rule, runs: true });
  if (file.mode !== undefined) {
    if (modes.indexOf(file.mode) <= modes.indexOf(mode)) result.mode = file.mode;
    else withheld.push({ path: ["permissions", "mode"], kind: "permission", value: file.mode, runs: true });
  }
  return result;
}

type Budget = NonNullable<ConfigFile["budget"]>;

function filterBudget(file: Budget, budget: Budget, withheld: WithheldSetting[]): Budget {
  const result: Budget = {};
  for (const key of ["session", "day"] as const) {
    const limit = file[key];
    if (limit === undefined) continue;
    if (isStricter(limit, budget[key])) result[key] = limit;
    else withheld.push({ path: ["budget", key], kind: "setting", value: limit, runs: false });
  }
  const { tiers } = file;
  if (tiers === undefined) return result;
  if (tierNames.every((tier) => isStricter(tiers[tier] ?? budget.tiers?.[tier], budget.tiers?.[tier])))
    result.tiers = tiers;
  else withheld.push({ path: ["budget", "tiers"], kind: "setting", value: tiers, runs: false });
  return result;
}

/** A limit that is not set would be lost, so each that the user set has to be there, too. */
function isStricter(limit: Budget["session"], current: Budget["session"]): boolean {
  const [next, now] = [toLimit(limit), toLimit(current)];
  return (["usd", "tokens"] as const).every(
    (key) => (next[key] ?? Number.POSITIVE_INFINITY) <= (now[key] ?? Number.POSITIVE_INFINITY),
  );
}

/** True if the path stays in the folder by its text. The reader must still resolve links. */
export const isRelativeInside = (path: string): boolean =>
  !/^([/\\~]|[A-Za-z]:|https?:)|(^|[/\\])\.\.([/\\]|$)|\{(env|file):/.test(path);

function filterInstructions(paths: readonly string[], withheld: WithheldSetting[]): string[] {
  for (const path of paths)
    if (!isRelativeInside(path))
      withheld.push({ path: ["instructions"], kind: "instructions", value: path, runs: true });
  return paths.filter(isRelativeInside);
}
