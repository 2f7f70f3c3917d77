/** One connected plugin, as the rest of the host knows it: types only. How MCP is spoken is the connection's own business. */
import type { Declaration, WidgetSpec } from "../../protocol/plugin.ts";

export interface PluginTool {
  name: string;
  title?: string;
  description: string;
  schema: Record<string, unknown>;
  /** As the plugin says; nothing is allowed because of it. */
  annotations?: Record<string, unknown>;
}

export interface PluginPrompt {
  name: string;
  title?: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
}

export interface PluginResource {
  uri: string;
  name: string;
  title?: string;
  description: string;
  mediaType?: string;
  /** The address holds `{names}` that are to be filled in. */
  template: boolean;
}

/** What an MCP result holds, as it came: checked and cut where it is shown. */
export type PluginContent = Record<string, unknown> & { type: string };

export interface PluginResult {
  content: PluginContent[];
  structured?: unknown;
  failed: boolean;
}

export interface PluginMessage {
  role: "user" | "assistant";
  content: PluginContent;
}

/** What is asked of a person in the middle of a call. */
export interface Elicitation {
  message: string;
  /** JSON Schema of a flat object. */
  schema: { properties: Record<string, Record<string, unknown>>; required: string[] };
  /** A page to open instead of a form. */
  url?: string;
}

export type ElicitationAnswer =
  | { action: "accept"; content: Record<string, unknown> }
  | { action: "decline" | "cancel" };

export type ListKind = "tools" | "prompts" | "resources";

/** What a plugin does without being asked. */
export interface PluginEars {
  changed(what: ListKind | string): void;
  notify(level: "info" | "warning" | "error", text: string): void;
  elicit(asked: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer>;
  /** A request of the plugin that is no MCP: `tutti/…`. Rejects with a TuttiError where it is refused. */
  asked(method: string, params: unknown, signal: AbortSignal): Promise<Record<string, unknown>>;
  ended(why: string): void;
}

export interface Asking {
  signal?: AbortSignal;
  timeoutMs: number;
  onProgress?(text: string): void;
}

/** Every method rejects with an Error whose message is a sentence for people. */
export interface PluginLink {
  server: { name: string; version: string; title?: string; instructions?: string };
  declaration: (Declaration & { widgets: WidgetSpec[] }) | null;
  tools(): Promise<PluginTool[]>;
  prompts(): Promise<PluginPrompt[]>;
  resources(): Promise<PluginResource[]>;
  call(tool: string, input: Record<string, unknown>, asking: Asking): Promise<PluginResult>;
  prompt(name: string, values: Record<string, string>, asking: Asking): Promise<PluginMessage[]>;
  read(uri: string, asking: Asking): Promise<PluginContent[]>;
  /** Completions of a value of a prompt or template; none where the plugin has none. */
  complete(of: { prompt: string } | { uri: string }, name: string, value: string): Promise<string[]>;
  /** A request that MCP does not know; null where the plugin does not know it either. */
  request(method: string, params: Record<string, unknown>, asking: Asking): Promise<Record<string, unknown> | null>;
  /** The last that it wrote to standard error. */
  complaints(): string;
  close(): Promise<void>;
}
