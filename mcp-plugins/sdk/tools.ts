/** Tools, prompts and resources of a plugin as MCP: they work in every host. */

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
import { type Context, contextOf } from "./context.ts";
import type { Content, Definition, Input, JsonSchema, Message, Prompt, Resource, ToolResult } from "./definition.ts";

/** A schema with what checks a value against it, and says in words what is wrong. */
interface Checked {
  schema: JsonSchema;
  check(value: unknown): { value: Record<string, unknown> } | { wrong: string };
}

/** A tool whose input is no longer known to the compiler: `Checked` stands between it and the host. */
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

function checked(input: Input): Checked {
  if (isJsonSchema(input)) {
    const validate = validator.getValidator<Record<string, unknown>>(input as JsonSchemaType);
    return {
      schema: input,
      check(value) {
        const found = validate(value);
        return found.valid ? { value: found.data } : { wrong: found.errorMessage };
      },
    };
  }
  const zod = isZod(input) ? input : z.object(input);
  const { $schema: _, ...schema } = z.toJSONSchema(zod, { io: "input" });
  return {
    schema: { ...schema, type: "object" } as JsonSchema,
    check(value) {
      const found = zod.safeParse(value);
      return found.success ? { value: found.data } : { wrong: z.prettifyError(found.error) };
    },
  };
}

const entries = <T>(record: Readonly<Record<string, T>> | undefined): [string, T][] => Object.entries(record ?? {});
const refused = (message: string): McpError => new McpError(ErrorCode.InvalidParams, message);
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What plain MCP is told of these; a list of tools that is empty is not offered. */
export function plainCapabilities({ tools, prompts, resources }: Definition): ServerCapabilities {
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
      { tool, input: checked(tool.input ?? {}), output: tool.output && checked(tool.output).schema },
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
    if (!found) throw refused(`there is no tool ${params.name}`);
    const given = found.input.check(params.arguments ?? {});
    if ("wrong" in given) return failure(`The input of ${params.name} is not right.\n${given.wrong}`);
    try {
      return resultOf(await found.tool.run(given.value, contextOf(server, extra)));
    } catch (error) {
      return failure(wordsOf(error));
    }
  });
}

const failure = (text: string): CallToolResult => ({ content: [{ type: "text", text }], isError: true });

function resultOf(result: ToolResult): CallToolResult {
  if (typeof result === "string") return { content: [{ type: "text", text: result }] };
  if (Array.isArray(result)) return { content: result };
  const { structured, images = [], content = [], failed } = result;
  const text = result.text ?? (structured && JSON.stringify(structured));
  return {
    content: [
      ...(text === undefined ? [] : [{ type: "text" as const, text }]),
      ...content,
      ...images.map(({ data, mimeType }) => ({ type: "image" as const, data: base64(data), mimeType })),
    ],
    ...(structured && { structuredContent: structured }),
    ...(failed && { isError: true }),
  };
}

const base64 = (data: Uint8Array): string => Buffer.from(data).toString("base64");

export function servePrompts(server: Server, { prompts }: Definition): void {
  if (!prompts) return;
  const listed = entries(prompts).map(([name, { title, description, arguments: given }]) => ({
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    arguments: entries(given).map(([argument, about]) => ({ name: argument, ...about })),
  }));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: listed }));
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }, extra) => {
    const prompt = Object.hasOwn(prompts, params.name) ? prompts[params.name] : undefined;
    if (!prompt) throw refused(`there is no prompt ${params.name}`);
    const given = params.arguments ?? {};
    const missing = missingOf(prompt, given);
    if (missing.length > 0) throw refused(`${params.name} needs ${missing.join(", ")}`);
    const messages = messagesOf(await prompt.run(given, contextOf(server, extra)));
    return { ...(prompt.description !== undefined && { description: prompt.description }), messages };
  });
}

const missingOf = (prompt: Prompt, given: Record<string, string>): string[] =>
  entries(prompt.arguments).flatMap(([name, { required }]) => (required && given[name] === undefined ? [name] : []));

const messagesOf = (said: string | Message[]): Message[] =>
  typeof said === "string" ? [{ role: "user", content: { type: "text", text: said } satisfies Content }] : said;

export function serveResources(server: Server, { resources }: Definition): void {
  if (!resources) return;
  const all = entries(resources).map(([uri, resource]) => ({ uri, resource, template: new UriTemplate(uri) }));
  const isTemplate = ({ uri }: { uri: string }): boolean => UriTemplate.isTemplate(uri);
  const about = ({ read: _, ...rest }: Resource): Omit<Resource, "read"> => rest;
  const fixed = all.filter((one) => !isTemplate(one)).map(({ uri, resource }) => ({ uri, ...about(resource) }));
  const open = all.filter(isTemplate).map(({ uri, resource }) => ({ uriTemplate: uri, ...about(resource) }));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: fixed }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: open }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, extra) => {
    for (const { uri: address, resource, template } of all) {
      const variables = uri === address ? {} : template.match(uri);
      if (!variables) continue;
      const named = Object.fromEntries(entries(variables).map(([name, value]) => [name, [value].flat().join(",")]));
      const read = await resource.read(named, contextOf(server, extra));
      const type = resource.mimeType === undefined ? {} : { mimeType: resource.mimeType };
      const body = typeof read === "string" ? { text: read } : { blob: base64(read) };
      return { contents: [{ uri, ...type, ...body }] };
    }
    throw new McpError(-32002, `there is no resource ${uri}`);
  });
}
