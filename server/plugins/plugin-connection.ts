/** One connected plugin. Types only; the implementation hides MCP. */
import type { Declaration, WidgetSpec } from "../../protocol/plugin.ts";

export interface PluginTool {
  name: string;
  title?: string;
  description: string;
  schema: Record<string, unknown>;
  /** As declared by the plugin; no permission depends on it. */
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
  /** The URI is a template with `{names}` to fill in. */
  template: boolean;
}

/** Raw MCP content; tool-results.ts validates and truncates it. */
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

/** A form or page for the user in the middle of a call. */
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

/** Notifications and requests from the plugin. */
export interface PluginEvents {
  onChanged(kind: ListKind | string): void;
  notify(level: "info" | "warning" | "error", text: string): void;
  elicit(request: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer>;
  /** A `tutti/…` request. Rejects with a TuttiError if it is refused. */
  handleRequest(method: string, params: unknown, signal: AbortSignal): Promise<Record<string, unknown>>;
  onEnded(reason: string): void;
}

export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs: number;
  onProgress?(text: string): void;
}

/** Every method rejects with an Error whose message is readable for users. */
export interface PluginConnection {
  server: { name: string; version: string; title?: string; instructions?: string };
  declaration: (Declaration & { widgets: WidgetSpec[] }) | null;
  /** What is wrong with items of its lists that were left out, as clauses; complete after a list was read. */
  problems(): string[];
  tools(): Promise<PluginTool[]>;
  prompts(): Promise<PluginPrompt[]>;
  resources(): Promise<PluginResource[]>;
  call(tool: string, input: Record<string, unknown>, options: RequestOptions): Promise<PluginResult>;
  prompt(name: string, values: Record<string, string>, options: RequestOptions): Promise<PluginMessage[]>;
  read(uri: string, options: RequestOptions): Promise<PluginContent[]>;
  /** Completions for an argument of a prompt or a template; empty if not supported. */
  complete(target: { prompt: string } | { uri: string }, name: string, value: string): Promise<string[]>;
  /** A request outside of MCP; null if the plugin does not implement it. */
  request(
    method: string,
    params: Record<string, unknown>,
    options: RequestOptions,
  ): Promise<Record<string, unknown> | null>;
  /** The end of its standard error output. */
  stderrTail(): string;
  close(): Promise<void>;
}
