/**
 * Builds the body of a request in the dialect of one target. The AI SDK converts the messages. Only this function of it is used: its
 * chat model would also load zod and parse the response, which this folder does itself. Pure.
 */
import { convertToOpenAICompatibleChatMessages } from "@ai-sdk/openai-compatible/internal";
import type { ModelRequest, UserContent } from "../../ports.ts";
import type { EndpointQuirks } from "../endpoint-quirks.ts";
import type { Target } from "../target.ts";
import { buildEffortFields } from "./effort.ts";
import { adaptHistory, BRIDGE_TEXT } from "./history.ts";
import { buildPrompt } from "./prompt.ts";
import { adaptSchema } from "./schema.ts";

type Json = Record<string, unknown>;

type Choice = NonNullable<ModelRequest["toolChoice"]>;

interface ToolFields {
  tools: "keep" | "drop";
  choice: string | undefined;
}

/** Which tools are listed and which `tool_choice` is sent, for each kind of endpoint. */
const choices: Record<NonNullable<Target["compat"]["toolChoice"]>, Record<Choice, ToolFields>> = {
  full: {
    auto: { tools: "keep", choice: "auto" },
    none: { tools: "keep", choice: "none" },
    required: { tools: "keep", choice: "required" },
  },
  "any-for-required": {
    auto: { tools: "keep", choice: "auto" },
    none: { tools: "keep", choice: "none" },
    required: { tools: "keep", choice: "any" },
  },
  "auto-only": {
    auto: { tools: "keep", choice: "auto" },
    none: { tools: "drop", choice: undefined },
    required: { tools: "keep", choice: "auto" },
  },
  none: {
    auto: { tools: "keep", choice: undefined },
    none: { tools: "drop", choice: undefined },
    required: { tools: "keep", choice: undefined },
  },
};

const unavailableTool = {
  type: "function",
  function: { name: "unavailable", description: "Cannot be called.", parameters: { type: "object", properties: {} } },
};

function buildToolFields(target: Target, request: ModelRequest): Json {
  const { compat } = target;
  const listed = target.tools ? request.tools : [];
  const rule = choices[compat.toolChoice ?? "full"][request.toolChoice ?? "auto"];
  const hasCalls = request.messages.some(
    (message) => message.role === "assistant" && message.content.some((part) => part.type === "call"),
  );
  if (listed.length === 0 || (rule.tools === "drop" && compat.toolsForHistory !== true)) {
    const needed = compat.toolsForHistory === true && hasCalls;
    return {
      tools: needed ? [unavailableTool] : undefined,
      tool_choice: needed && compat.toolChoice !== "none" ? "none" : undefined,
    };
  }
  const tools = listed.map(({ name, description, schema }) => ({
    type: "function",
    function: { name, description, parameters: adaptSchema(schema, compat.schemaDialect) },
  }));
  return {
    tools,
    tool_choice: rule.choice,
    ...(compat.parallelToolCalls === "send" ? { parallel_tool_calls: true } : {}),
  };
}

const marker = { type: "ephemeral" };

function addCacheMarker(message: Json): Json {
  const content = message.content;
  if (typeof content === "string" && content !== "")
    return { ...message, content: [{ type: "text", text: content, cache_control: marker }] };
  const parts = Array.isArray(content) ? (content as Json[]) : [];
  if (parts.length === 0) return message;
  return {
    ...message,
    content: parts.map((part, at) => (at === parts.length - 1 ? { ...part, cache_control: marker } : part)),
  };
}

/** Marks the system text and the last two messages for the prompt cache. */
function addCacheMarkers(messages: Json[]): Json[] {
  const system = messages.findLastIndex((message) => message.role === "system" || message.role === "developer");
  return messages.map((message, at) =>
    at === system || at >= messages.length - 2 ? addCacheMarker(message) : message,
  );
}

function buildMessages(target: Target, request: ModelRequest): Json[] {
  const last = request.messages.at(-1);
  const appended = last?.role === "user" && last.appended === true ? last : null;
  const sent = appended ? request.messages.slice(0, -1) : request.messages;
  const prompt = buildPrompt(target, request.system, adaptHistory(target, sent));
  const converted = convertToOpenAICompatibleChatMessages(prompt, {
    provider: "tutti",
    supportsMultiPartToolContent: true,
  }) as unknown as Json[];
  const messages = target.compat.cacheControl === true ? addCacheMarkers(converted) : converted;
  return appended ? appendInstruction(target, messages, joinTexts(appended.content)) : messages;
}

const joinTexts = (content: UserContent[]): string =>
  content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n\n");

/** Adds a user message. Of the messages before it, at most the end of the last one changes. */
function appendInstruction(target: Target, messages: readonly Json[], text: string): Json[] {
  const last = messages.at(-1);
  if (target.compat.mergeUsers === true && last?.role === "user") {
    const content =
      typeof last.content === "string"
        ? `${last.content}\n\n${text}`
        : [...((last.content ?? []) as Json[]), { type: "text", text }];
    return [...messages.slice(0, -1), { ...last, content }];
  }
  const bridge = target.compat.bridgeAfterTool === true && last?.role === "tool";
  return [
    ...messages,
    ...(bridge ? [{ role: "assistant", content: BRIDGE_TEXT }] : []),
    { role: "user", content: text },
  ];
}

export function buildRequestBody(target: Target, request: ModelRequest, quirks: EndpointQuirks): Json {
  const { compat } = target;
  const { answerSchema: schema, maxOutput } = request;
  const toolFields = buildToolFields(target, request);
  const hasTools = toolFields.tools !== undefined;
  // The messages come after everything that stays the same, so that a request begins with the bytes of the previous one.
  const body: Json = {
    model: target.requestId,
    ...toolFields,
    stream: true,
    ...(maxOutput === undefined ? {} : { [quirks.maxTokensField]: maxOutput }),
    ...(quirks.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(quirks.effort ? buildEffortFields(target, request.effort, hasTools, quirks.toolsEffort) : {}),
    ...(compat.cacheKeyField !== undefined && request.cacheKey !== undefined
      ? { [compat.cacheKeyField]: request.cacheKey }
      : {}),
    messages: buildMessages(target, request),
    ...(schema && { response_format: { type: "json_schema", json_schema: { schema, strict: false, name: "answer" } } }),
  };
  const dropped = new Set([...(compat.dropParams ?? []), ...quirks.dropped]);
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => value !== undefined && !dropped.has(key)));
}
