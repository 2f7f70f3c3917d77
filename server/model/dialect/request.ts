/** The body of a request, as the AI SDK made it, in the dialect of one target. Pure. */
import type { ModelRequest } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import type { Target } from "../target.ts";
import { effortBody } from "./effort.ts";
import { schemaFor } from "./schema.ts";

type Json = Record<string, unknown>;
type Body = Json & { messages: Json[] };

type Choice = NonNullable<ModelRequest["toolChoice"]>;

interface ToolFields {
  tools: "keep" | "drop";
  choice: string | undefined;
}

/** Which tools are listed and what is said about choosing, for each way that endpoints know. */
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

const stub = {
  type: "function",
  function: { name: "unavailable", description: "Cannot be called.", parameters: { type: "object", properties: {} } },
};

function toolFields(target: Target, request: ModelRequest, body: Json): Json {
  const { compat } = target;
  const listed = target.tools && Array.isArray(body.tools) ? (body.tools as Json[]) : [];
  const rule = choices[compat.toolChoice ?? "full"][request.toolChoice ?? "auto"];
  const spoken = request.messages.some(
    (message) => message.role === "assistant" && message.content.some((part) => part.type === "call"),
  );
  if (listed.length === 0 || (rule.tools === "drop" && compat.toolsForHistory !== true)) {
    const needed = compat.toolsForHistory === true && spoken;
    return {
      tools: needed ? [stub] : undefined,
      tool_choice: needed && compat.toolChoice !== "none" ? "none" : undefined,
    };
  }
  const tools = listed.map((tool) => {
    const made = tool.function as Json;
    return {
      ...tool,
      function: { ...made, parameters: schemaFor((made.parameters ?? {}) as Json, compat.schemaDialect) },
    };
  });
  return {
    tools,
    tool_choice: rule.choice,
    ...(compat.parallelToolCalls === "send" ? { parallel_tool_calls: true } : {}),
  };
}

const marker = { type: "ephemeral" };

function marked(message: Json): Json {
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

/** The system text and the last two messages are where a prompt cache is to be kept. */
function cached(messages: Json[]): Json[] {
  const system = messages.findLastIndex((message) => message.role === "system" || message.role === "developer");
  return messages.map((message, at) => (at === system || at >= messages.length - 2 ? marked(message) : message));
}

/** Schemas that are to be followed need their answer format, which is never asked for strictly. */
export function bodyFor(target: Target, request: ModelRequest, memory: Memory, made: Json): Json {
  const { compat } = target;
  const messages = (made as Body).messages;
  const { max_tokens, stream_options, ...rest } = made;
  const limit = request.maxOutput ?? max_tokens;
  const fields = toolFields(target, request, made);
  const hasTools = fields.tools !== undefined;
  const body: Json = {
    ...rest,
    ...(limit === undefined ? {} : { [memory.maxTokensField]: limit }),
    ...(memory.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(memory.effort ? effortBody(target, request.effort, hasTools, memory.toolsEffort) : {}),
    ...(compat.cacheKeyField !== undefined && request.cacheKey !== undefined
      ? { [compat.cacheKeyField]: request.cacheKey }
      : {}),
    messages: compat.cacheControl === true ? cached(messages) : messages,
    ...fields,
  };
  const dropped = new Set([...(compat.dropParams ?? []), ...memory.dropped]);
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => value !== undefined && !dropped.has(key)));
}
