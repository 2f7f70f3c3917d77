/**
 * What a folder's own configuration may do by itself: make things stricter and choose how they look. Everything else is withheld,
 * in pieces that a person can say yes to one by one; a few keys are never a project's to set.
 */
import type { Mode } from "../permission/policy.ts";
import type { Config } from "./config.ts";
import type { Withheld } from "./items.ts";
import type { ConfigFile, ProviderConfig } from "./schema.ts";

const modes: readonly Mode[] = ["plan", "ask", "edit", "auto"];
const sandboxes = ["off", "on", "required"] as const;

export interface Tightened {
  value: ConfigFile;
  withheld: Withheld[];
  /** Dotted keys that no project may set, trusted or not. */
  refused: string[];
}

/** `config` is what the layers below say. */
export function tighten(file: ConfigFile, config: Config): Tightened {
  const value: ConfigFile = {};
  const withheld: Withheld[] = [];
  const refused: string[] = [];
  const keep = <K extends keyof ConfigFile>(key: K, allowed: boolean, runs = false): void => {
    if (file[key] === undefined) return;
    if (allowed) value[key] = file[key];
    else withheld.push({ path: [key], kind: "setting", value: file[key], runs });
  };
  for (const key of Object.keys(file) as (keyof ConfigFile)[]) {
    switch (key) {
      case "permissions":
        value.permissions = tightenPermissions(file.permissions ?? {}, config.permissions.mode, withheld);
        break;
      case "budget":
        value.budget = tightenBudget(file.budget ?? {}, config.budget ?? {}, withheld);
        break;
      case "instructions":
        value.instructions = insideOnly(file.instructions ?? [], withheld);
        break;
      case "providers":
        for (const [name, provider] of Object.entries(file.providers ?? {}))
          withheld.push({ path: [key, name], kind: "provider", value: provider, runs: reaches(provider) });
        break;
      case "agents":
        for (const [name, agent] of Object.entries(file.agents ?? {}))
          withheld.push({ path: [key, name], kind: "agent", value: agent, runs: isLoose(agent.mode) });
        break;
      case "sandbox":
        keep(key, sandboxes.indexOf(file.sandbox ?? "off") >= sandboxes.indexOf(config.sandbox), true);
        break;
      case "model":
        keep(key, file.model === config.model);
        break;
      case "share":
        keep(key, false, true);
        break;
      // Plugins wait for a yes of their own each; hooks are taken apart into commands by command-hooks.ts.
      case "plugins":
      case "hooks":
        break;
      case "telemetry":
        if (file.telemetry === false) value.telemetry = false;
        else refused.push(key);
        break;
      // It says where every provider lies, so it would lead keys elsewhere, in other folders too.
      case "catalog":
        refused.push(key);
        break;
      default:
        keep(key, key === "$schema" || key === "theme" || key === "keys" || key === "notify");
    }
  }
  return { value, withheld, refused };
}

const reaches = ({ baseUrl, apiKey, headers, query, keyHeader }: ProviderConfig): boolean =>
  [baseUrl, apiKey, headers, query, keyHeader].some((one) => one !== undefined);

const isLoose = (mode: Mode | undefined): boolean => mode === "edit" || mode === "auto";

type Permissions = NonNullable<ConfigFile["permissions"]>;

function tightenPermissions(file: Permissions, mode: Mode, withheld: Withheld[]): Permissions {
  const kept: Permissions = {};
  if (file.deny !== undefined) kept.deny = file.deny;
  if (file.ask !== undefined) kept.ask = file.ask;
  for (const rule of file.allow ?? [])
    withheld.push({ path: ["permissions", "allow"], kind: "permission", value: rule, runs: true });
  if (file.mode !== undefined) {
    if (modes.indexOf(file.mode) <= modes.indexOf(mode)) kept.mode = file.mode;
    else withheld.push({ path: ["permissions", "mode"], kind: "permission", value: file.mode, runs: true });
  }
  return kept;
}

type Budget = NonNullable<ConfigFile["budget"]>;

function tightenBudget(file: Budget, budget: Budget, withheld: Withheld[]): Budget {
  const kept: Budget = {};
  for (const key of ["session", "day"] as const) {
    const limit = file[key];
    if (limit === undefined) continue;
    if (limit <= (budget[key] ?? Number.POSITIVE_INFINITY)) kept[key] = limit;
    else withheld.push({ path: ["budget", key], kind: "setting", value: limit, runs: false });
  }
  return kept;
}

/** Paths that stay in the folder by their words; whoever reads them resolves links. */
export const isInside = (path: string): boolean =>
  !/^([/\\~]|[A-Za-z]:|https?:)|(^|[/\\])\.\.([/\\]|$)|\{(env|file):/.test(path);

function insideOnly(paths: readonly string[], withheld: Withheld[]): string[] {
  for (const path of paths)
    if (!isInside(path)) withheld.push({ path: ["instructions"], kind: "instructions", value: path, runs: true });
  return paths.filter(isInside);
}
