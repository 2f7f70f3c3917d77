/**
 * How known endpoints and model families differ from the plain dialect: one table, merged from top to bottom, with the configuration
 * last. A row matches by provider name or host, by model name, or by both. Pure.
 */
import type { Compat } from "./target.ts";

export interface CompatQuery {
  provider: string;
  baseUrl: string;
  /** The model name in requests. */
  model: string;
  /** Runs on this machine or network: its responses come without a provider's cleanup. */
  local: boolean;
}

interface Row {
  providers?: readonly string[];
  /** Ends of host names. */
  hosts?: readonly string[];
  local?: true;
  models?: RegExp;
  compat: Compat;
}

const openai = { providers: ["openai"], hosts: ["api.openai.com"] };
const azure = {
  providers: ["azure", "azure-cognitive-services"],
  hosts: ["openai.azure.com", "cognitiveservices.azure.com"],
};
const mistral = { providers: ["mistral"], hosts: ["api.mistral.ai"] };
const moonshot = {
  providers: ["moonshotai", "moonshotai-cn", "kimi-for-coding"],
  hosts: ["api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"],
};
const deepseek = { providers: ["deepseek"], hosts: ["api.deepseek.com"] };
const openrouter = { providers: ["openrouter"], hosts: ["openrouter.ai"] };
const databricks = { providers: ["databricks", "neon"], hosts: ["databricks.com", "azuredatabricks.net"] };
const vertex = { providers: ["google-vertex"], hosts: ["aiplatform.googleapis.com"] };
const gemini = { providers: ["google"], hosts: ["generativelanguage.googleapis.com"] };
const alibaba = {
  providers: [
    "alibaba",
    "alibaba-cn",
    "alibaba-coding-plan",
    "alibaba-coding-plan-cn",
    "alibaba-token-plan",
    "alibaba-token-plan-cn",
  ],
  hosts: ["aliyuncs.com"],
};
const zai = {
  providers: ["zai", "zai-coding-plan", "zhipuai", "zhipuai-coding-plan"],
  hosts: ["api.z.ai", "open.bigmodel.cn"],
};
const minimax = {
  providers: ["minimax", "minimax-cn", "minimax-coding-plan", "minimax-cn-coding-plan"],
  hosts: ["api.minimax.io", "api.minimaxi.com"],
};

export const compatRows: readonly Row[] = [
  // Model families, at any provider.
  { models: /(^|[/.])(gpt-(4\.1|5)|codex|o[34](-|$))/i, compat: { prefersPatch: true } },
  { models: /claude/i, compat: { toolIds: "word", toolsForHistory: true } },
  {
    models: /mistral|devstral|ministral|magistral|codestral|mixtral|pixtral/i,
    compat: { toolIds: "alnum9", bridgeAfterTool: true, requireToolName: true },
  },
  { models: /ministral|gemma/i, compat: { mergeUsers: true } },
  { models: /deepseek[-_/]?(v3\.[2-9]|v[4-9])/i, compat: { reasoningRequired: true } },
  { models: /deepseek[-_/]?r1|qwq/i, compat: { reasoningOut: "none" } },
  { models: /kimi-k2(-thinking|\.\d)/i, compat: { reasoningRequired: true } },

  // Local servers: the text may contain calls and reasoning.
  { local: true, compat: { textCalls: true, thinkTags: "tagged", singleSystem: true } },
  { local: true, models: /r1|qwq|thinking/i, compat: { thinkTags: "open" } },
  {
    providers: ["ollama", "ollama-cloud"],
    hosts: ["ollama.com"],
    compat: {
      toolChoice: "auto-only",
      reasoningOut: "reasoning",
      imageInput: "data-only",
      maxTokensField: "max_tokens",
    },
  },
  // Ollama accepts a suffix only for models whose template has a slot for it.
  {
    providers: ["ollama"],
    models: /coder|starcoder|code[-_]?llama|codestral|codegemma/i,
    compat: { completions: "suffix" },
  },
  { ...mistral, models: /codestral/i, compat: { completions: "fim" } },
  { ...deepseek, compat: { completions: "suffix", completionsBase: "/beta" } },
  { providers: ["llamacpp", "llamafile"], compat: { toolChoice: "full", reasoningOut: "reasoning_content" } },
  { providers: ["vllm", "sglang"], models: /qwen3/i, compat: { effortStyle: "chat_template_kwargs" } },

  // Endpoints.
  {
    ...openai,
    compat: {
      maxTokensField: "max_completion_tokens",
      reasoningOut: "none",
      retryNotFound: true,
      cacheKeyField: "prompt_cache_key",
    },
  },
  { ...azure, compat: { maxTokensField: "max_completion_tokens", reasoningOut: "none" } },
  { ...openai, models: /^gpt-5\.[2-9]/i, compat: { toolsEffort: "none" } },
  { ...azure, models: /^gpt-5\.[2-9]/i, compat: { toolsEffort: "none" } },
  {
    providers: ["anthropic"],
    hosts: ["api.anthropic.com"],
    compat: { singleSystem: true, effortStyle: "none", reasoningOut: "none" },
  },
  { ...gemini, compat: { thoughtSignatures: true, schemaDialect: "gemini", singleSystem: true, reasoningOut: "none" } },
  { ...vertex, compat: { thoughtSignatures: true, schemaDialect: "gemini", singleSystem: true, reasoningOut: "none" } },
  { providers: ["groq"], hosts: ["api.groq.com"], compat: { reasoningOut: "reasoning" } },
  {
    providers: ["cerebras"],
    hosts: ["api.cerebras.ai"],
    compat: { maxTokensField: "max_completion_tokens", reasoningOut: "reasoning", parallelToolCalls: "omit" },
  },
  {
    ...mistral,
    compat: {
      toolIds: "alnum9",
      bridgeAfterTool: true,
      requireToolName: true,
      toolChoice: "any-for-required",
      reasoningOut: "thinking-part",
    },
  },
  {
    providers: ["xai"],
    hosts: ["api.x.ai"],
    compat: { schemaDialect: "xai", usageDialect: "separate-reasoning", reasoningOut: "none" },
  },
  { models: /grok-4\.20/i, compat: { effortStyle: "none" } },
  { ...deepseek, compat: { reasoningRequired: true, reasoningOut: "reasoning_content", effortStyle: "thinking-type" } },
  { ...moonshot, compat: { schemaDialect: "moonshot", effortStyle: "thinking-type" } },
  { ...zai, compat: { toolChoice: "auto-only", effortStyle: "thinking-type" } },
  { ...minimax, compat: { thinkTags: "tagged", reasoningOut: "think-tags", effortStyle: "none" } },
  { ...alibaba, compat: { effortStyle: "enable_thinking" } },
  {
    providers: ["siliconflow", "siliconflow-cn"],
    hosts: ["api.siliconflow.com", "api.siliconflow.cn"],
    compat: { effortStyle: "enable_thinking" },
  },
  { providers: ["volcengine"], hosts: ["volces.com"], compat: { effortStyle: "thinking-type" } },
  { ...openrouter, compat: { reasoningDetails: true, reasoningOut: "reasoning" } },
  { ...openrouter, models: /^~?(anthropic|google)\//i, compat: { cacheControl: true } },
  { ...databricks, models: /claude|gemini/i, compat: { effortStyle: "thinking-budget" } },
  {
    providers: ["snowflake-cortex"],
    hosts: ["snowflakecomputing.com"],
    models: /claude/i,
    compat: { effortStyle: "none" },
  },
  {
    providers: ["perplexity"],
    hosts: ["api.perplexity.ai"],
    compat: { mergeUsers: true, thinkTags: "tagged", reasoningOut: "none", effortStyle: "none" },
  },
  {
    providers: ["fireworks-ai"],
    hosts: ["api.fireworks.ai"],
    compat: { efforts: ["low", "medium", "high"], thinkTags: "tagged" },
  },
  {
    providers: ["chutes", "synthetic", "nano-gpt", "nvidia"],
    compat: { maxTokensField: "max_tokens", thinkTags: "tagged" },
  },
];

export function resolveCompat(query: CompatQuery): Compat {
  const host = URL.canParse(query.baseUrl) ? new URL(query.baseUrl).hostname : "";
  const matches = ({ providers, hosts, local, models }: Row): boolean =>
    (models === undefined || models.test(query.model)) &&
    (local === undefined || query.local) &&
    ((providers === undefined && hosts === undefined) ||
      providers?.includes(query.provider) === true ||
      hosts?.some((end) => host === end || host.endsWith(`.${end}`) || host.endsWith(`-${end}`)) === true);
  return Object.assign({}, ...compatRows.filter(matches).map(({ compat }) => compat)) as Compat;
}
