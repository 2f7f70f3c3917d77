/** The configuration as the rest of the program sees it: merged, resolved, with the source of every value. Types and defaults only. */
import type { Mode } from "../permission/policy.ts";
import type { ConfigProblem } from "./read.ts";
import type { ConfigFile, ProviderConfig } from "./schema.ts";

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
  notify: boolean;
  telemetry: boolean;
}

export interface Loaded {
  config: Config;
  /** Where each value came from, by its dotted key: a file, a variable, a flag or "default". */
  sources: Record<string, string>;
  problems: ConfigProblem[];
  /** Plugins that files of the project name: none of them runs before a person has said yes to it. */
  offered: { file: string; plugins: NonNullable<ConfigFile["plugins"]> }[];
  /** Every file that counts or would count if it were there: what to watch. */
  files: string[];
  /** The file that `config set` writes. */
  userFile: string;
}

export const defaults: Config = {
  permissions: { mode: "ask", allow: [], ask: [], deny: [] },
  providers: {},
  sandbox: "on",
  keys: "default",
  notify: true,
  telemetry: false,
};
