/**
 * What a folder's own configuration may do while nobody has said that the folder is trusted: make things stricter and choose
 * how they look. Everything else has no effect, and one line says what was left out.
 */
import type { Mode } from "../permission/policy.ts";
import type { Config } from "./config.ts";
import type { ConfigFile } from "./schema.ts";

const modes: readonly Mode[] = ["plan", "ask", "edit", "auto"];
const sandboxes = ["off", "on", "required"] as const;

export interface Tightened {
  value: ConfigFile;
  /** Dotted keys without effect. */
  ignored: string[];
}

/** `config` is what the trusted layers say so far. */
export function tighten(file: ConfigFile, config: Config): Tightened {
  const value: ConfigFile = {};
  const ignored: string[] = [];
  const keep = <K extends keyof ConfigFile>(key: K, allowed: boolean) => {
    if (file[key] === undefined) return;
    if (allowed) value[key] = file[key];
    else ignored.push(key);
  };
  for (const key of Object.keys(file) as (keyof ConfigFile)[]) {
    if (key === "permissions")
      value.permissions = tightenPermissions(file.permissions ?? {}, config.permissions.mode, ignored);
    else if (key === "budget") value.budget = tightenBudget(file.budget ?? {}, config.budget ?? {}, ignored);
    else if (key === "instructions") value.instructions = insideOnly(file.instructions ?? [], ignored);
    else if (key === "sandbox")
      keep(key, sandboxes.indexOf(file.sandbox ?? "off") >= sandboxes.indexOf(config.sandbox));
    // They wait for a yes of their own.
    else if (key === "plugins") continue;
    else if (key === "telemetry") keep(key, file.telemetry === false);
    else if (key === "model") keep(key, file.model === config.model);
    else keep(key, key === "$schema" || key === "theme" || key === "keys" || key === "notify");
  }
  return { value, ignored };
}

type Permissions = NonNullable<ConfigFile["permissions"]>;

function tightenPermissions(file: Permissions, mode: Mode, ignored: string[]): Permissions {
  const kept: Permissions = {};
  if (file.deny !== undefined) kept.deny = file.deny;
  if (file.ask !== undefined) kept.ask = file.ask;
  if (file.allow !== undefined && file.allow.length > 0) ignored.push("permissions.allow");
  if (file.mode !== undefined) {
    if (modes.indexOf(file.mode) <= modes.indexOf(mode)) kept.mode = file.mode;
    else ignored.push("permissions.mode");
  }
  return kept;
}

type Budget = NonNullable<ConfigFile["budget"]>;

function tightenBudget(file: Budget, budget: Budget, ignored: string[]): Budget {
  const kept: Budget = {};
  for (const key of ["session", "day"] as const) {
    const limit = file[key];
    if (limit === undefined) continue;
    if (limit <= (budget[key] ?? Number.POSITIVE_INFINITY)) kept[key] = limit;
    else ignored.push(`budget.${key}`);
  }
  return kept;
}

/** Paths that stay in the folder by their words; whoever reads them resolves links. */
function insideOnly(paths: readonly string[], ignored: string[]): string[] {
  const inside = paths.filter((path) => !/^([/\\~]|[A-Za-z]:|https?:)|(^|[/\\])\.\.([/\\]|$)|\{(env|file):/.test(path));
  if (inside.length < paths.length) ignored.push("instructions");
  return inside;
}
