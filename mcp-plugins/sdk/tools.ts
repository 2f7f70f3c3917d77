/** Serves tools, prompts and resources as plain MCP, for every host. */

import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { UriTemplate } from "@modelcontextprotocol/sdk/shared/uriTemplate.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ServerCapabilities,
} from "@modelcontextprotocol/sdk/types.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import type { JsonSchemaType } from "@modelcontextprotocol/sdk/validation/types.js";
import { z } from "zod";
import { type Context, createContext } from "./context.ts";
import type { Content, Definition, Input, JsonSchema, Message, Prompt, Resource, ToolResult } from "./definition.ts";

/** A schema, and a function that validates a value against it. */
interface CompiledSchema {
  schema: JsonSchema;
  check(value: unknown): { value: Record<string, unknown> } | { error: string };
}

/** A tool without the static type of its input: `CompiledSchema` validates the input at run time. */
interface AnyTool {
  description: string;
  title?: string;
  input?: Input;
  output?: Input;
  annotations?: Record<string, boolean | undefined>;
  run(input: Record<string, unknown>, context: Context): ToolResult | Promise<ToolResult>;
}

const isJsonSchema = (input: Input): input is JsonSchema => (input as JsonSchema).type === "object" && !isZod(input);
const isZod = (input: Input): input is z.ZodObject => "_zod" in input;
const validator = new AjvJsonSchemaValidator();

function compileSchema(input: Input): CompiledSchema {
  if (isJsonSchema(input)) {
    const validate = validator.getValidator<Record<string, unknown>>(input as JsonSchemaType);
    return {
      schema: input,
      check(value) {
        const found = validate(value);
        return found.valid ? { value: found.data } : { error: found.errorMessage };
      },
    };
  }
  const zod = isZod(input) ? input : z.object(input);
  const { $schema: _, ...schema } = z.toJSONSchema(zod, { io: "input" });
  return {
    schema: { ...schema, type: "object" } as JsonSchema,
    check(value) {
      const found = zod.safeParse(value);
      return found.success ? { value: found.data } : { error: z.prettifyError(found.error) };
    },
  };
}

const entries = <T>(record: Readonly<Record<string, T>> | undefined): [string, T][] => Object.entries(record ?? {});
const invalidParams = (message: string): McpError => new McpError(ErrorCode.InvalidParams, message);
const describeError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The MCP capabilities of what the definition has. */
export function mcpCapabilities({ tools, prompts, resources }: Definition): ServerCapabilities {
  return {
    ...(tools && { tools: { listChanged: true } }),
    ...(prompts && { prompts: { listChanged: true } }),
    ...(resources && { resources: { listChanged: true } }),
  };
}

export function serveTools(server: Server, definition: Definition): void {
  if (!definition.tools) return;
  const tools = new Map(
    entries(definition.tools as Readonly<Record<string, AnyTool>>).map(([name, tool]) => [
      name,
      { tool, input: compileSchema(tool.input ?? {}), output: tool.output && compileSchema(tool.output).schema },
    ]),
  );
  const listed = [...tools].map(([name, { tool, input, output }]) => ({
    name,
    ...(tool.title !== undefined && { title: tool.title }),
    description: tool.description,
    inputSchema: input.schema,
    ...(output && { outputSchema: output }),
    ...(tool.annotations && { annotations: tool.annotations }),
  }));
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listed }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const found = tools.get(params.name);
    if (!found) throw invalidParams(`there is no tool ${params.name}`);
    const checked = found.input.check(params.arguments ?? {});
    if ("error" in checked) return errorResult(`Invalid input for ${params.name}:\n${checked.error}`);
    try {
      return toCallToolResult(await found.tool.run(checked.value, createContext(server, extra)));
    } catch (error) {
      return errorResult(describeError(error));
    }
  });
}

const errorResult = (text: string): CallToolResult => ({ content: [{ type: "text", text }], isError: true });

function toCallToolResult(result: ToolResult): CallToolResult {
  if (typeof result === "string") return { content: [{ type: "text", text: result }] };
  if (Array.isArray(result)) return { content: result };
  const { structured, images = [], content = [], failed } = result;
  const text = result.text ?? (structured && JSON.stringify(structured));
  return {
    content: [
      ...(text === undefined ? [] : [{ type: "text" as const, text }]),
      ...content,
      ...images.map(({ data, mimeType }) => ({ type: "image" as const, data: toBase64(data), mimeType })),
    ],
    ...(structured && { structuredContent: structured }),
    ...(failed && { isError: true }),
  };
}

const toBase64 = (data: Uint8Array): string => Buffer.from(data).toString("base64");

export function servePrompts(server: Server, { prompts }: Definition): void {
  if (!prompts) return;
  const listed = entries(prompts).map(([name, { title, description, arguments: parameters }]) => ({
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    arguments: entries(parameters).map(([argument, details]) => ({ name: argument, ...details })),
  }));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: listed }));
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }, extra) => {
    const prompt = Object.hasOwn(prompts, params.name) ? prompts[params.name] : undefined;
    if (!prompt) throw invalidParams(`there is no prompt ${params.name}`);
    const values = params.arguments ?? {};
    const missing = missingArguments(prompt, values);
    if (missing.length > 0) throw invalidParams(`${params.name} needs ${missing.join(", ")}`);
    const messages = toMessages(await prompt.run(values, createContext(server, extra)));
    return { ...(prompt.description !== undefined && { description: prompt.description }), messages };
  });
}

const missingArguments = (prompt: Prompt, values: Record<string, string>): string[] =>
  entries(prompt.arguments).flatMap(([name, { required }]) => (required && values[name] === undefined ? [name] : []));

const toMessages = (prompt: string | Message[]): Message[] =>
  typeof prompt === "string" ? [{ role: "user", content: { type: "text", text: prompt } satisfies Content }] : prompt;

export function serveResources(server: Server, { resources }: Definition): void {
  if (!resources) return;
  const all = entries(resources).map(([uri, resource]) => ({ uri, resource, template: new UriTemplate(uri) }));
  const isTemplate = ({ uri }: { uri: string }): boolean => UriTemplate.isTemplate(uri);
  const describe = ({ read: _, ...rest }: Resource): Omit<Resource, "read"> => rest;
  const fixedResources = all
    .filter((one) => !isTemplate(one))
    .map(({ uri, resource }) => ({ uri, ...describe(resource) }));
  const templates = all.filter(isTemplate).map(({ uri, resource }) => ({ uriTemplate: uri, ...describe(resource) }));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: fixedResources }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: templates }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, extra) => {
    for (const { uri: address, resource, template } of all) {
      const variables = uri === address ? {} : template.match(uri);
      if (!variables) continue;
      const values = Object.fromEntries(entries(variables).map(([name, value]) => [name, [value].flat().join(",")]));
      const content = await resource.read(values, createContext(server, extra));
      const type = resource.mimeType === undefined ? {} : { mimeType: resource.mimeType };
      const body = typeof content === "string" ? { text: content } : { blob: toBase64(content) };
      return { contents: [{ uri, ...type, ...body }] };
    }
    throw new McpError(-32002, `there is no resource ${uri}`);
  });
}
