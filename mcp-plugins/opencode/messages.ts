/** Messages between the adapter, which is an MCP server, and the process that has loaded an OpenCode plugin. Plain JSON. */

export interface LoadedTool {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  schema: Record<string, unknown>;
}

export interface Loaded {
  /** The names of the hooks that the plugin has, as OpenCode calls them. */
  hooks: string[];
  tools: LoadedTool[];
}

export type FromAdapter =
  | { type: "load"; module: string; directory: string; worktree: string }
  /** Calls a hook; the result is `output` as the hook left it. */
  | { type: "hook"; id: number; name: string; input: Json; output: Json }
  | { type: "event"; id: number; event: Json }
  | { type: "tool"; id: number; name: string; args: Json; context: Json }
  | { type: "abort"; id: number };

export type FromPlugin =
  | { type: "loaded"; loaded: Loaded }
  /** One line, with the file and the line. */
  | { type: "failed"; message: string }
  | { type: "result"; id: number; result: unknown }
  | { type: "error"; id: number; message: string }
  | { type: "notify"; level: "info" | "warning" | "error"; text: string };

export type Json = Record<string, unknown>;
