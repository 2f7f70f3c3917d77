/**
 * Everything the adapter knows about an endpoint and a model, as data. The catalog, the configuration and discovery each fill part of
 * it; no other code in server/model/ depends on the provider.
 */

/** How an endpoint differs from the plain dialect. Absent means plain. Each flag is tested with a recorded stream or request. */
export interface Compat {
  maxTokensField?: "max_tokens" | "max_completion_tokens";
  systemRole?: "system" | "developer";
  /** How earlier reasoning is sent back. `none`: never; `current`: only after the last user message. */
  reasoningOut?: "reasoning_content" | "reasoning" | "thinking-part" | "think-tags" | "none" | "current";
  /** Every assistant message needs the reasoning field, even if it is empty. */
  reasoningRequired?: boolean;
  /** `<think>…</think>` in the text is reasoning; `open`: the opening tag may be missing. */
  thinkTags?: "none" | "tagged" | "open";
  toolIds?: "any" | "alnum9" | "word";
  toolChoice?: "full" | "any-for-required" | "auto-only" | "none";
  parallelToolCalls?: "omit" | "send";
  /** The required `reasoning_effort` when tools are present; the user is notified. */
  toolsEffort?: "none";
  /** How effort is sent: the field, DeepSeek's and Anthropic's `thinking`, Qwen's switches, or not at all. */
  effortStyle?:
    | "reasoning_effort"
    | "thinking-type"
    | "thinking-budget"
    | "enable_thinking"
    | "chat_template_kwargs"
    | "none";
  /** The effort values this model accepts, from least to most. */
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
  /** Responses may contain calls as text. */
  textCalls?: boolean;
  /** Gemini: signatures are sent back on calls; calls of other models get the value that skips the check. */
  thoughtSignatures?: boolean;
  /** A 404 for an existing model may be temporary: retry once. */
  retryNotFound?: boolean;
  /** Tools must be listed whenever the history contains calls, even if none may be used. */
  toolsForHistory?: boolean;
  /** Edits are offered as one `patch` tool. */
  prefersPatch?: boolean;
  /** The body field for the prompt cache key, such as `prompt_cache_key`. */
  cacheKeyField?: string;
  /** How a completion at the cursor is requested: `/completions` with a `suffix`, Mistral's `/fim/completions`, or only through chat. */
  completions?: "suffix" | "fim" | "none";
  /** The base path for those requests on the same host, if different. */
  completionsBase?: string;
  /** OpenRouter: `reasoning_details` are sent back unmodified. */
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
  /** The id in the configuration and on screens; requests use `requestId`. */
  model: string;
  requestId: string;
  /** Without a trailing slash and without `/chat/completions`. */
  baseUrl: string;
  /** Called before each request, so that short-lived tokens work. Undefined: no Authorization header. */
  key?: () => Promise<string | undefined>;
  /** The header for the key; in `Authorization` it is prefixed with `Bearer `. */
  keyHeader: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  compat: Compat;
  limits: ModelLimits;
  price: Price | null;
  tools: boolean;
  vision: boolean;
  reasoning: boolean;
  /** Runs on this machine or network, and may take minutes to load a model before the first token. */
  local: boolean;
  /** A page with keys and help, for error messages. */
  help?: string;
  /** Environment variables that may hold the key, for error messages. */
  keyNames: string[];
}
