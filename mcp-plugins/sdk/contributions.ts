/** What only Tutti asks a plugin for: hooks, themes, providers, agents, skills, widgets and key tables. */
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
import { type Context, contextOf } from "./context.ts";
import type { Awaitable, Definition, Given, HookHandler, Hooks, Line, Span } from "./definition.ts";

type Method = keyof typeof pluginRequests;
type Params<M extends Method> = z.output<(typeof pluginRequests)[M]["params"]>;
type Result<M extends Method> = z.output<(typeof pluginRequests)[M]["result"]>;

const isGiven = (value: unknown): boolean => value !== undefined;

/** What stands under `PLUGIN_KEY`, made from what the plugin has. */
export function declarationOf(definition: Definition): Declaration {
  const has: Record<Contribution, boolean> = {
    commands: isGiven(definition.prompts),
    themes: isGiven(definition.themes),
    providers: isGiven(definition.providers),
    agents: isGiven(definition.agents),
    skills: isGiven(definition.skills),
    widgets: isGiven(definition.widgets),
    keymaps: isGiven(definition.keymaps),
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
    contributes: (Object.keys(has) as Contribution[]).filter((what) => has[what]),
    ...(widgets.length > 0 && { widgets }),
  };
}

/** Only what the plugin has is answered; anything else is "method not found", which Tutti reads as no. */
export function serveContributions(server: Server, definition: Definition): void {
  const answer = <M extends Method>(
    method: M,
    run: (params: Params<M>, context: Context) => Awaitable<Result<M>>,
  ): void => {
    const request = z.object({ method: z.literal(method), params: z.looseObject({}).optional() });
    server.setRequestHandler(request, async ({ params }, extra) => {
      const given = parsed<Params<M>>(pluginRequests[method].params, params ?? {});
      return { ...(await run(given, contextOf(server, extra))) };
    });
  };
  const { hooks, themes, providers, agents, skills, widgets, keymaps } = definition;
  if (hooks) answer("tutti/hook", ({ event, payload }, context) => runHook(hooks, event, payload, context));
  if (themes) answer("tutti/theme/list", async (_, context) => ({ themes: await made(themes, context) }));
  if (agents) answer("tutti/agent/list", async (_, context) => ({ agents: await made(agents, context) }));
  if (keymaps) answer("tutti/keymap/list", async (_, context) => ({ keymaps: await made(keymaps, context) }));
  if (providers) {
    const { token } = providers;
    answer("tutti/provider/list", async (_, context) => ({ providers: await made(providers.list, context) }));
    if (token) answer("tutti/provider/token", ({ provider }, context) => token(provider, context));
  }
  if (skills) {
    const listed = Object.entries(skills).map(([name, { description }]) => ({ name, description }));
    answer("tutti/skill/list", () => ({ skills: listed }));
    answer("tutti/skill/read", async ({ name }, context) => ({
      text: await made(named(skills, "skill", name).text, context),
    }));
  }
  if (widgets) {
    answer("tutti/widget/render", async ({ widget, ...request }, context) => {
      const drawn = await named(widgets, "widget", widget).render(request, context);
      const { lines, ...rest } = Array.isArray(drawn) ? { lines: drawn } : drawn;
      return { lines: lines.map(spansOf), ...rest };
    });
    answer("tutti/widget/key", async ({ widget, key }, context) => {
      const { key: press } = named(widgets, "widget", widget);
      return (await press?.(key, context)) ?? {};
    });
  }
}

function parsed<T>(shape: z.ZodType, value: unknown): T {
  const found = shape.safeParse(value);
  if (!found.success) throw new McpError(ErrorCode.InvalidParams, z.prettifyError(found.error));
  return found.data as T;
}

const made = async <T>(given: Given<T>, context: Context): Promise<T> =>
  given instanceof Function ? given(context) : given;

function named<T>(all: Readonly<Record<string, T>>, what: string, name: string): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no ${what} ${name}`);
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
  return { ...(await run(parsed<HookPayload<E>>(hookEvents[event].payload, payload), context)) };
}

const spansOf = (line: Line): Span[] =>
  [line].flat().map((piece) => (typeof piece === "string" ? { text: piece } : piece));
