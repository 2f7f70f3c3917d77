/** Skills and commands as files and plugins define them. Types only. */
import type { DefinitionProblem, DefinitionSource } from "./agent.ts";

export interface Skill {
  name: string;
  /** When to use it, whole. */
  description: string;
  /** Where relative paths in its text start; absent for plugins. */
  folder?: string;
  /** It runs in a subagent. */
  fork: boolean;
  /** The agent for that. */
  agent?: string;
  /** Models do not see it; people can still use it by name. */
  hidden: boolean;
  argumentHint: string;
  /** Keys of the file that Tutti does not use, unchanged. */
  extra: Readonly<Record<string, unknown>>;
  source: DefinitionSource;
  /** The text. Rejects with a message if the file was removed or the plugin does not provide it. */
  read(): Promise<string>;
}

export interface Command {
  /** A command in a folder is named `folder:name`. */
  name: string;
  description: string;
  argumentHint: string;
  /** With `$ARGUMENTS`, `$1`, `` !`command` `` and `@file`. */
  template: string;
  /** `provider/model`, or a name of a model of Claude Code. */
  model?: string;
  agent?: string;
  /** It runs in a subagent. */
  subtask: boolean;
  /** Rules for the turn. */
  allow: readonly string[];
  extra: Readonly<Record<string, unknown>>;
  source: DefinitionSource;
}

export interface Named<T> {
  /** Without regard to case. */
  find(name: string): T | undefined;
  /** Sorted by name; of definitions with the same name only the one that counts. */
  list(): readonly T[];
  problems: readonly DefinitionProblem[];
}
