/** The loaded configuration: merged and resolved, with the source of every value. Types and defaults only. */
import type { Mode } from "../permission/policy.ts";
import type { ConfigProblem } from "./parse-config-file.ts";
import type { ConfigFile, ProviderConfig } from "./schema.ts";
import type { CommandHook, TrustItem } from "./trust-items.ts";

interface Permissions {
  mode: Mode;
  allow: string[];
  ask: string[];
  deny: string[];
}

export interface Config extends Omit<ConfigFile, "$schema" | "permissions" | "providers"> {
  permissions: Permissions;
  providers: Record<string, ProviderConfig>;
  sandbox: "on" | "required" | "off";
  keys: "default" | "vim" | "emacs";
  passEnvironment: string[];
  notify: boolean;
  telemetry: boolean;
}

export interface LoadedConfig {
  config: Config;
  /** The real path of the folder it was loaded for. Trust is bound to this path. */
  root: string;
  /** The source of each value, by dotted key: a file, a variable, a flag or "default". */
  sources: Record<string, string>;
  problems: ConfigProblem[];
  /** Plugins in the project's files. Each needs the user's approval before it runs. */
  projectPlugins: { file: string; plugins: NonNullable<ConfigFile["plugins"]> }[];
  /** Other settings in the project's files that need trust. */
  items: TrustItem[];
  /** Hooks of the user's own files and of trusted items. A project's hooks are only here, never in `config`. */
  hooks: CommandHook[];
  /** Every file that is read if it exists: the files to watch. */
  files: string[];
  /** The file that `config set` writes. */
  userFile: string;
}

export const defaults: Config = {
  permissions: { mode: "ask", allow: [], ask: [], deny: [] },
  providers: {},
  sandbox: "off",
  keys: "default",
  passEnvironment: [],
  notify: true,
  telemetry: false,
};
