/**
 * Everything that the one adapter knows about an endpoint and a model, as data. The catalog, the configuration and discovery
 * each fill part of it; nothing else in server/model/ asks which provider it is talking to.
 */

/** How an endpoint differs from the plain dialect. Absent means plain. Each flag has a recorded stream or request as its test. */
export interface Compat {
  maxTokensField?: "max_tokens" | "max_completion_tokens";
  systemRole?: "system" | "developer";
  /** How earlier reasoning goes back. `none`: never; `current`: only after the last user message. */
  reasoningOut?: "reasoning_content" | "reasoning" | "thinking-part" | "think-tags" | "none" | "current";
  /** Every assistant message carries the reasoning field, empty where there was none. */
  reasoningRequired?: boolean;
  /** `<think>…</think>` inside the text is reasoning; `open` where the opening tag may be missing. */
  thinkTags?: "none" | "tagged" | "open";
  toolIds?: "any" | "alnum9" | "word";
  toolChoice?: "full" | "any-for-required" | "auto-only" | "none";
  parallelToolCalls?: "omit" | "send";
  /** What `reasoning_effort` must be whenever tools are present; the person is told. */
  toolsEffort?: "none";
  /** How effort is said: the field, DeepSeek's and Anthropic's `thinking`, Qwen's switches, or nothing. */
  effortStyle?:
    | "reasoning_effort"
    | "thinking-type"
    | "thinking-budget"
    | "enable_thinking"
    | "chat_template_kwargs"
    | "none";
  /** The words this model accepts for effort, from least to most. */
  efforts?: string[];
  requireToolName?: boolean;
  bridgeAfterTool?: boolean;
  mergeUsers?: boolean;
  singleSystem?: boolean;
  schemaDialect?: "plain" | "gemini" | "moonshot" | "xai";
  imageInput?: "url" | "data-only" | "none";
  imageInToolResult?: boolean;
  streamUsage?: "include_usage" | "none";
  /** `separate-reasoning`: reasoning tokens are not inside completion tokens. */
  usageDialect?: "plain" | "separate-reasoning";
  dropParams?: string[];
  cacheControl?: boolean;
  /** Calls written as text are looked for in the answers of this model. */
  textCalls?: boolean;
  /** Gemini: signatures go back on calls; foreign calls get the value that skips their check. */
  thoughtSignatures?: boolean;
  /** A 404 for a model that exists may pass: one more try. */
  retryNotFound?: boolean;
  /** Tools must be listed whenever the history holds calls, even where none may be used. */
  toolsForHistory?: boolean;
  /** Calls for edits are offered as one `patch` tool. */
  prefersPatch?: boolean;
  /** The body field for the key of the prompt cache, such as `prompt_cache_key`. */
  cacheKeyField?: string;
  /** How text at a cursor is asked for: `/completions` with a `suffix`, Mistral's `/fim/completions`, or never but in words. */
  completions?: "suffix" | "fim" | "none";
  /** A path of the same host where those requests go, if not to the base address. */
  completionsBase?: string;
  /** OpenRouter: `reasoning_details` go back unmodified. */
  reasoningDetails?: boolean;
}

/** USD per million tokens. */
export interface Price {
  input: number;
  output: number;
  cached?: number;
  cacheWrite?: number;
}

export interface ModelLimits {
  context: number | null;
  output: number | null;
}

export interface Target {
  provider: string;
  /** The id in the configuration and on screens; `requestId` is what the endpoint is sent. */
  model: string;
  requestId: string;
  /** Without a slash at the end and without `/chat/completions`. */
  baseUrl: string;
  /** Asked for before each request, so that short-lived tokens work. Undefined: no Authorization header at all. */
  key?: () => Promise<string | undefined>;
  /** The name of the header for the key; `Authorization` gets `Bearer ` in front. */
  keyHeader: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  compat: Compat;
  limits: ModelLimits;
  price: Price | null;
  tools: boolean;
  vision: boolean;
  reasoning: boolean;
  /** Runs on this machine or network: may take minutes to load a model before the first token. */
  local: boolean;
  /** Where a person gets a key or help, for error messages. */
  help?: string;
  /** The variables that may hold the key, for error messages. */
  keyNames: string[];
}
