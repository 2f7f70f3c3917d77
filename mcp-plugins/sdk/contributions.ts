/** Serves what only Tutti requests: hooks, themes, providers, agents, skills, widgets and key tables. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import {
  type Contribution,
  type Declaration,
  type HookEvent,
  type HookPayload,
  hookEvents,
  hookNames,
  pluginRequests,
} from "../../protocol/plugin.ts";
import { type Context, createContext } from "./context.ts";
import type { Awaitable, Definition, HookHandler, Hooks, Line, Resolvable, Span } from "./definition.ts";

type Method = keyof typeof pluginRequests;
type Params<M extends Method> = z.output<(typeof pluginRequests)[M]["params"]>;
type Result<M extends Method> = z.output<(typeof pluginRequests)[M]["result"]>;

const isDefined = (value: unknown): boolean => value !== undefined;

/** The declaration under `PLUGIN_KEY`, derived from the definition. */
export function createDeclaration(definition: Definition): Declaration {
  const provides: Record<Contribution, boolean> = {
    commands: isDefined(definition.prompts),
    themes: isDefined(definition.themes),
    providers: isDefined(definition.providers),
    agents: isDefined(definition.agents),
    skills: isDefined(definition.skills),
    widgets: isDefined(definition.widgets),
    keymaps: isDefined(definition.keymaps),
  };
  const hooks = hookNames.flatMap((event) => {
    const hook = definition.hooks?.[event];
    if (!hook) return [];
    if (typeof hook === "function") return [{ event }];
    const { run: _, ...spec } = hook;
    return [{ event, ...spec }];
  });
  const widgets = Object.entries(definition.widgets ?? {}).map(([name, { slots, title }]) => ({
    name,
    slots: [...slots],
    ...(title !== undefined && { title }),
  }));
  return {
    version: 1,
    ...(hooks.length > 0 && { hooks }),
    contributes: (Object.keys(provides) as Contribution[]).filter((contribution) => provides[contribution]),
    ...(widgets.length > 0 && { widgets }),
  };
}

/** Handles only what the plugin defines. Anything else is "method not found", which Tutti treats as unsupported. */
export function serveContributions(server: Server, definition: Definition): void {
  const handle = <M extends Method>(
    method: M,
    run: (params: Params<M>, context: Context) => Awaitable<Result<M>>,
  ): void => {
    const request = z.object({ method: z.literal(method), params: z.looseObject({}).optional() });
    server.setRequestHandler(request, async ({ params }, extra) => {
      const input = parse<Params<M>>(pluginRequests[method].params, params ?? {});
      return { ...(await run(input, createContext(server, extra))) };
    });
  };
  const { hooks, themes, providers, agents, skills, widgets, keymaps } = definition;
  if (hooks) handle("tutti/hook", ({ event, payload }, context) => runHook(hooks, event, payload, context));
  if (themes) handle("tutti/theme/list", async (_, context) => ({ themes: await resolve(themes, context) }));
  if (agents) handle("tutti/agent/list", async (_, context) => ({ agents: await resolve(agents, context) }));
  if (keymaps) handle("tutti/keymap/list", async (_, context) => ({ keymaps: await resolve(keymaps, context) }));
  if (providers) {
    const { token } = providers;
    handle("tutti/provider/list", async (_, context) => ({ providers: await resolve(providers.list, context) }));
    if (token) handle("tutti/provider/token", ({ provider }, context) => token(provider, context));
  }
  if (skills) {
    const listed = Object.entries(skills).map(([name, { description }]) => ({ name, description }));
    handle("tutti/skill/list", () => ({ skills: listed }));
    handle("tutti/skill/read", async ({ name }, context) => ({
      text: await resolve(findByName(skills, "skill", name).text, context),
    }));
  }
  if (widgets) {
    handle("tutti/widget/render", async ({ widget, ...request }, context) => {
      const rendered = await findByName(widgets, "widget", widget).render(request, context);
      const { lines, ...rest } = Array.isArray(rendered) ? { lines: rendered } : rendered;
      return { lines: lines.map(toSpans), ...rest };
    });
    handle("tutti/widget/key", async ({ widget, key }, context) => {
      const { key: handleKey } = findByName(widgets, "widget", widget);
      return (await handleKey?.(key, context)) ?? {};
    });
  }
}

function parse<T>(shape: z.ZodType, value: unknown): T {
  const found = shape.safeParse(value);
  if (!found.success) throw new McpError(ErrorCode.InvalidParams, z.prettifyError(found.error));
  return found.data as T;
}

const resolve = async <T>(value: Resolvable<T>, context: Context): Promise<T> =>
  value instanceof Function ? value(context) : value;

function findByName<T>(all: Readonly<Record<string, T>>, kind: string, name: string): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no ${kind} ${name}`);
  return found;
}

async function runHook<E extends HookEvent>(
  hooks: Hooks,
  event: E,
  payload: unknown,
  context: Context,
): Promise<Record<string, unknown>> {
  const hook = hooks[event];
  if (!hook) return {};
  const run = (typeof hook === "function" ? hook : hook.run) as HookHandler<E>;
  return { ...(await run(parse<HookPayload<E>>(hookEvents[event].payload, payload), context)) };
}

const toSpans = (line: Line): Span[] =>
  [line].flat().map((piece) => (typeof piece === "string" ? { text: piece } : piece));
