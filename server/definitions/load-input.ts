/** What loading definitions needs. Types only. */
import type { LoadedConfig } from "../config/config.ts";
import type { DefinitionSource } from "./agent.ts";
import type { AgentFields } from "./agent-fields.ts";
import type { DefinitionFilesInput } from "./definition-files.ts";
import type { DefinitionIndex } from "./definition-index.ts";

export interface LoadInput extends DefinitionFilesInput {
  isTrusted(item: { id: string }): boolean;
  index: DefinitionIndex;
}

export interface LoadAgentsInput extends LoadInput {
  loaded: Pick<LoadedConfig, "config" | "sources" | "items">;
  builtins: readonly AgentFields[];
}

/** One layer of an agent; `isFile`: it replaces the layers before it. */
export interface AgentLayer {
  name: string;
  fields: AgentFields;
  source: DefinitionSource;
  isFile: boolean;
}
