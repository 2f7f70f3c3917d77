/**
 * Reads the items that an MCP server lists, one by one: an item that is not as MCP requires costs at most itself. What approvals are
 * bound to stays the same for valid items: only what is read here is stored.
 */
import { z } from "zod";
import type { PluginPrompt, PluginResource, PluginTool } from "./plugin-connection.ts";

export interface ListedItems<T> {
  items: T[];
  /** A clause for each item that cannot be used, such as "its tool 3 has no name". */
  problems: string[];
}

/** An invalid value counts as absent. */
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const text = lenient(z.string());
const flag = lenient(z.boolean());

const base = { name: z.string().min(1), title: text, description: text };

const annotations = z.object({
  title: text,
  readOnlyHint: flag,
  destructiveHint: flag,
  idempotentHint: flag,
  openWorldHint: flag,
});

const listedTool = z.object({
  ...base,
  inputSchema: lenient(z.record(z.string(), z.unknown())),
  annotations: lenient(annotations),
  execution: lenient(z.object({ taskSupport: text })),
});

const listedPrompt = z.object({
  ...base,
  arguments: lenient(z.array(z.unknown())),
});

const promptArgument = z.object({ name: z.string(), description: text, required: flag });

const resource = { ...base, mimeType: text };
const listedResource = z.object({ ...resource, uri: z.string() });
const listedTemplate = z.object({ ...resource, uriTemplate: z.string() });

function readItems<S extends z.ZodType, T>(
  raw: readonly unknown[],
  kind: string,
  schema: S,
  convert: (item: z.output<S>) => T,
): ListedItems<T> {
  const items: T[] = [];
  const problems: string[] = [];
  raw.forEach((value, index) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) items.push(convert(parsed.data));
    else problems.push(`its ${kind} ${index + 1} has no ${parsed.error.issues[0]?.path.join(".") || "name"}`);
  });
  return { items, problems };
}

/** A copy without the absent values. */
const withoutAbsent = (item: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

type ListedBase = z.output<z.ZodObject<typeof base>>;

const toItem = ({ name, title, description }: ListedBase) => ({
  name,
  ...(title !== undefined && { title }),
  description: description ?? "",
});

export interface ListedTool {
  tool: PluginTool;
  /** Calls must be made as tasks. */
  asTask: boolean;
}

export const readTools = (raw: readonly unknown[]): ListedItems<ListedTool> =>
  readItems(raw, "tool", listedTool, (item) => ({
    tool: {
      ...toItem(item),
      schema: item.inputSchema ?? {},
      ...(item.annotations && { annotations: withoutAbsent(item.annotations) }),
    },
    asTask: item.execution?.taskSupport === "required",
  }));

export const readPrompts = (raw: readonly unknown[]): ListedItems<PluginPrompt> =>
  readItems(raw, "prompt", listedPrompt, (item) => ({
    ...toItem(item),
    arguments: readItems(item.arguments ?? [], "argument", promptArgument, ({ name, description, required }) => ({
      name,
      description: description ?? "",
      required: required ?? false,
    })).items,
  }));

type ListedResource = z.output<typeof listedResource>;

const toResource = (item: ListedResource): PluginResource => ({
  ...toItem(item),
  uri: item.uri,
  template: false,
  ...(item.mimeType !== undefined && { mediaType: item.mimeType }),
});

export const readResources = (raw: readonly unknown[]): ListedItems<PluginResource> =>
  readItems(raw, "resource", listedResource, toResource);

export const readTemplates = (raw: readonly unknown[]): ListedItems<PluginResource> =>
  readItems(raw, "resource template", listedTemplate, (item) => ({
    ...toResource({ ...item, uri: item.uriTemplate }),
    template: true,
  }));
