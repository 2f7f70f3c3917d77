/**
 * The process that has loaded an OpenCode plugin, under Bun or Node. It gets its messages over IPC: its standard output is standard
 * error, so nothing that a plugin prints reaches the protocol.
 */
import { z } from "zod";
import { describeLoadError, loadModule } from "./load-module.ts";
import type { FromAdapter, FromPlugin, Json, Loaded } from "./messages.ts";
import { createClient } from "./plugin-client.ts";
import { createShell } from "./shell.ts";

type Hook = (input: unknown, output?: unknown) => unknown;

interface PluginTool {
  description?: string;
  args?: Record<string, unknown>;
  execute(args: unknown, context: unknown): unknown;
}

/** The results of all plugins in the module. */
const hooks: Record<string, unknown>[] = [];
const running = new Map<number, AbortController>();

const send = (message: FromPlugin): void => void process.send?.(message);
const report = (error: unknown): void =>
  void process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

process.on("message", (message: FromAdapter) => void handle(message));
process.on("disconnect", () => process.exit(0));
// A rejection that a plugin does not handle must not end this process.
process.on("unhandledRejection", report);
process.on("uncaughtException", report);

async function handle(message: FromAdapter): Promise<void> {
  if (message.type === "load") return load(message);
  if (message.type === "abort") return running.get(message.id)?.abort();
  const { id } = message;
  try {
    send({ type: "result", id, result: (await answer(message)) ?? null });
  } catch (error) {
    send({ type: "error", id, message: describe(error) });
  } finally {
    running.delete(id);
  }
}

async function load({ module: path, directory, worktree }: Extract<FromAdapter, { type: "load" }>): Promise<void> {
  try {
    const bun = (globalThis as { Bun?: { $: unknown } }).Bun;
    const input = {
      client: createClient((level, text) => send({ type: "notify", level, text })),
      project: { id: worktree, worktree, vcs: "git", time: { created: 0 } },
      directory,
      worktree,
      $: bun?.$ ?? createShell(directory),
    };
    const exported = new Set(Object.values(await loadModule(path)).map(toPlugin));
    for (const plugin of exported) if (plugin) hooks.push(((await plugin(input, {})) ?? {}) as Record<string, unknown>);
    if (hooks.length === 0) throw new Error("the module exports no plugin function");
    send({ type: "loaded", loaded: describePlugins() });
  } catch (error) {
    send({ type: "failed", message: describeLoadError(path, error) });
  }
}

/** A function, or an object with it as `server`. */
function toPlugin(value: unknown): ((input: unknown, options: unknown) => unknown) | null {
  if (typeof value === "function") return value as (input: unknown) => unknown;
  const server = typeof value === "object" && value !== null && "server" in value ? value.server : null;
  return typeof server === "function" ? (server as (input: unknown) => unknown) : null;
}

const tools = (): [string, PluginTool][] =>
  hooks.flatMap(({ tool }) => Object.entries((tool ?? {}) as Record<string, PluginTool>));

function describePlugins(): Loaded {
  return {
    hooks: [...new Set(hooks.flatMap((one) => Object.keys(one).filter((name) => one[name] !== undefined)))],
    tools: tools().map(([name, { description = "", args = {} }]) => ({ name, description, schema: toSchema(args) })),
  };
}

function toSchema(args: Record<string, unknown>): Record<string, unknown> {
  try {
    const { $schema: _, ...schema } = z.toJSONSchema(z.object(args as z.ZodRawShape), {
      io: "input",
      unrepresentable: "any",
    });
    return schema;
  } catch {
    // A schema of another version of zod, or of another library.
    return { type: "object", properties: Object.fromEntries(Object.keys(args).map((name) => [name, {}])) };
  }
}

async function answer(message: Exclude<FromAdapter, { type: "load" | "abort" }>): Promise<unknown> {
  if (message.type === "event") {
    for (const { event } of hooks) await (event as Hook | undefined)?.({ event: message.event });
    return null;
  }
  if (message.type === "tool") return runTool(message);
  const { name, input, output } = message;
  for (const one of hooks) await (one[name] as Hook | undefined)?.(input, output);
  return output;
}

async function runTool({ id, name, args, context }: Extract<FromAdapter, { type: "tool" }>): Promise<string> {
  const found = tools().find(([known]) => known === name)?.[1];
  if (!found) throw new Error(`there is no tool ${name}`);
  const abort = new AbortController();
  running.set(id, abort);
  const result = await found.execute(parseArgs(found.args ?? {}, args), {
    ...context,
    abort: abort.signal,
    metadata: () => undefined,
    ask: () => Promise.reject(new Error("context.ask is not available to OpenCode plugins in Tutti.")),
  });
  if (typeof result === "string") return result;
  const output = (result as Json | null)?.output;
  return typeof output === "string" ? output : JSON.stringify(result ?? null);
}

/** With the defaults and conversions of its schema. */
function parseArgs(shape: Record<string, unknown>, args: Json): unknown {
  const isZod = Object.values(shape).every((one) => typeof one === "object" && one !== null && "_zod" in one);
  if (!isZod) return args;
  const parsed = z.object(shape as z.ZodRawShape).safeParse(args);
  if (parsed.success) return parsed.data;
  throw new Error(`Invalid arguments:\n${z.prettifyError(parsed.error)}`);
}
