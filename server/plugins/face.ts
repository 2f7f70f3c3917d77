/**
 * A plugin's link from whatever client speaks with it: what is common to the versions of MCP. Lists are read page by page, shapes are made
 * ours, and what goes wrong is a sentence.
 */
import { ZodError } from "zod";
import { declaration, PLUGIN_KEY } from "../../protocol/plugin.ts";
import type {
  Asking,
  PluginContent,
  PluginEars,
  PluginLink,
  PluginPrompt,
  PluginResource,
  PluginResult,
  PluginTool,
} from "./link.ts";

export interface Wanted {
  name: string;
  arguments: Record<string, unknown>;
}

export interface How {
  timeout: number;
  signal?: AbortSignal;
  onprogress?(progress: Progress): void;
}

interface Page {
  cursor?: string;
}

type Paged<K extends string, T> = Promise<{ [key in K]: T[] } & { nextCursor?: string | undefined }>;

type Ref = { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string };

/** What a client of either version can do. */
export interface Face {
  has: Record<string, unknown>;
  server: { name: string; version: string; title?: string | undefined };
  instructions: string | undefined;
  listTools(page: Page): Paged<"tools", ListedTool>;
  listPrompts(page: Page): Paged<"prompts", ListedPrompt>;
  listResources(page: Page): Paged<"resources", ListedResource>;
  listResourceTemplates(page: Page): Paged<"resourceTemplates", ListedTemplate>;
  callTool(wanted: Wanted, how: How, asTask: boolean, onStatus: (text: string) => void): Promise<PluginResult>;
  getPrompt(
    wanted: { name: string; arguments: Record<string, string> },
    how: How,
  ): Promise<{ messages: { role: "user" | "assistant"; content: unknown }[] }>;
  readResource(wanted: { uri: string }, how: How): Promise<{ contents: unknown[] }>;
  complete(
    wanted: { ref: Ref; argument: { name: string; value: string } },
    how: How,
  ): Promise<{ completion: { values: string[] } }>;
  request(wanted: { method: string; params: Record<string, unknown> }, how: How): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Pages of a list; more is no list that anybody could use. */
const PAGES_MOST = 100;
const COMPLETE_MS = 2_000;
const METHOD_NOT_FOUND = -32601;

interface Opening {
  onerror?: ((error: Error) => void) | undefined;
  onclose?: (() => void) | undefined;
}

/** Connects a client; resolves with what the other end last complained of, and rejects with a sentence that holds it. */
export async function establish(
  client: Opening,
  transport: { complaints?(): string; close(): Promise<void> },
  ears: PluginEars,
  connect: () => Promise<void>,
): Promise<() => string> {
  let why = "it ended";
  client.onerror = (error) => {
    why = error.message;
  };
  const complaints = (): string => transport.complaints?.() ?? "";
  try {
    await connect();
  } catch (error) {
    await transport.close();
    throw new Error(`${sentence(error)}${told(complaints())}`, { cause: error });
  }
  client.onclose = () => ears.ended(`${why}${told(complaints())}`);
  return complaints;
}

export function linkOf(face: Face, complaints: () => string): PluginLink {
  const { has, server, instructions } = face;
  /** Tools that can only be called as tasks. */
  const tasks = new Set<string>();
  return {
    server: {
      name: server.name,
      version: server.version,
      ...(server.title !== undefined && { title: server.title }),
      ...(instructions !== undefined && { instructions }),
    },
    declaration: declared(has),
    async tools() {
      if (!has.tools) return [];
      const listed = await paged(face.listTools, "tools");
      for (const { name, execution } of listed) if (execution?.taskSupport === "required") tasks.add(name);
      return listed.map(toolOf);
    },
    prompts: async () => (has.prompts ? (await paged(face.listPrompts, "prompts")).map(promptOf) : []),
    async resources() {
      if (!has.resources) return [];
      const fixed = await paged(face.listResources, "resources");
      const open = await paged(face.listResourceTemplates, "resourceTemplates").catch((error: unknown) => {
        if (isUnknown(error)) return [];
        throw error;
      });
      return [...fixed.map(resourceOf), ...open.map(templateOf)];
    },
    call: (tool, input, asking) => {
      const onStatus = asking.onProgress ?? (() => undefined);
      return plainly(() => face.callTool({ name: tool, arguments: input }, howOf(asking), tasks.has(tool), onStatus));
    },
    async prompt(name, values, asking) {
      const { messages } = await plainly(() => face.getPrompt({ name, arguments: values }, howOf(asking)));
      return messages.map(({ role, content }) => ({ role, content: content as PluginContent }));
    },
    async read(uri, asking) {
      const { contents } = await plainly(() => face.readResource({ uri }, howOf(asking)));
      return contents.map((resource) => ({ type: "resource", resource }));
    },
    async complete(of, name, value) {
      if (!has.completions) return [];
      const ref: Ref = "prompt" in of ? { type: "ref/prompt", name: of.prompt } : { type: "ref/resource", uri: of.uri };
      const wanted = { ref, argument: { name, value } };
      return (await plainly(() => face.complete(wanted, { timeout: COMPLETE_MS }))).completion.values;
    },
    async request(method, params, asking) {
      try {
        return await plainly(() => face.request({ method, params }, howOf(asking)));
      } catch (error) {
        if (isUnknown(error)) return null;
        throw error;
      }
    },
    complaints,
    close: face.close,
  };
}

/** What it declares for Tutti, under either name; null where it is a plain MCP server, or says it wrongly. */
function declared(capabilities: Record<string, unknown>): PluginLink["declaration"] {
  for (const place of [capabilities.extensions, capabilities.experimental]) {
    const found = (place as Record<string, unknown> | undefined)?.[PLUGIN_KEY];
    if (found === undefined) continue;
    const read = declaration.safeParse(found);
    if (read.success) return { ...read.data, widgets: read.data.widgets ?? [] };
    throw new Error(`its declaration for Tutti is wrong: ${read.error.issues[0]?.message ?? ""}`);
  }
  return null;
}

async function paged<K extends string, T>(ask: (page: Page) => Paged<K, T>, key: K): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MOST; page++) {
    const found = await plainly(() => ask(cursor === undefined ? {} : { cursor }));
    all.push(...found[key]);
    if (found.nextCursor === undefined || found.nextCursor === cursor) break;
    cursor = found.nextCursor;
  }
  return all;
}

interface Named {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
}

const named = ({ name, title, description }: Named) => ({
  name,
  ...(title !== undefined && { title }),
  description: description ?? "",
});

interface ListedTool extends Named {
  inputSchema: object;
  annotations?: object | undefined;
  execution?: { taskSupport?: string | undefined } | undefined;
}

const toolOf = (tool: ListedTool): PluginTool => ({
  ...named(tool),
  schema: tool.inputSchema as Record<string, unknown>,
  ...(tool.annotations && { annotations: tool.annotations as Record<string, unknown> }),
});

interface ListedPrompt extends Named {
  arguments?: (Named & { required?: boolean | undefined })[] | undefined;
}

const promptOf = (prompt: ListedPrompt): PluginPrompt => ({
  ...named(prompt),
  arguments: (prompt.arguments ?? []).map(({ name, description, required }) => ({
    name,
    description: description ?? "",
    required: required ?? false,
  })),
});

interface ListedResource extends Named {
  uri: string;
  mimeType?: string | undefined;
}

const resourceOf = (one: ListedResource): PluginResource => ({
  ...named(one),
  uri: one.uri,
  template: false,
  ...(one.mimeType !== undefined && { mediaType: one.mimeType }),
});

interface ListedTemplate extends Named {
  uriTemplate: string;
  mimeType?: string | undefined;
}

const templateOf = (one: ListedTemplate): PluginResource => ({
  ...resourceOf({ ...one, uri: one.uriTemplate }),
  template: true,
});

interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** Progress does not lengthen the time that is given, so that nobody is held up for ever by signs of life. */
const howOf = ({ signal, timeoutMs, onProgress }: Asking) => ({
  timeout: timeoutMs,
  ...(signal && { signal }),
  ...(onProgress && {
    onprogress: ({ progress, total, message }: Progress) =>
      onProgress(`${message ?? "working"} (${total === undefined ? progress : `${progress} of ${total}`})\n`),
  }),
});

async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(sentence(error), { cause: error });
  }
}

/** The other end does not know the method. */
const isUnknown = (error: unknown): boolean =>
  (error as { cause?: { code?: unknown } }).cause?.code === METHOD_NOT_FOUND;

function sentence(error: unknown): string {
  // Messages that are wrong never get this far: only what is read for a login does.
  if (error instanceof ZodError)
    return `what its server says about logging in is wrong at ${error.issues[0]?.path.join(".") || "the top"}`;
  if (error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_URL")
    return "what its server says about logging in names something that is no address";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^MCP error -?\d+: /, "");
}

/** What it said last of an error, or last of all. */
function told(complaints: string): string {
  const lines = complaints
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const said = lines.findLast((line) => /error|cannot|not found|denied|refused/i.test(line)) ?? lines.at(-1);
  return said === undefined ? "" : `; it said: ${said.slice(0, 500)}`;
}
