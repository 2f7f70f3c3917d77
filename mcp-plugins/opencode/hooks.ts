/** The hooks of an OpenCode plugin as hooks of Tutti. Only hooks that the plugin has are subscribed to. */
import { isDeepStrictEqual } from "node:util";
import type { HookAnswer, HookPayload } from "../../protocol/plugin.ts";
import type { Hooks } from "../sdk/definition.ts";
import type { LoadedPlugin } from "./loaded-plugin.ts";
import type { Json } from "./messages.ts";
import { fromOpencodeArgs, toOpencodeArgs, toOpencodeName } from "./tool-calls.ts";

/** A plugin may run programs in a hook. */
const TIMEOUT_MS = 60_000;

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `own`: the prefix of the names of the plugin's tools in Tutti. `session`: the session that had the last event. */
export function createHooks(loaded: LoadedPlugin, own: string): { hooks: Hooks; session(): string } {
  let session = "";
  const has = (name: string): boolean => loaded.hooks.includes(name);
  const on = <H extends object>(condition: boolean, hooks: H): H | Record<string, never> => (condition ? hooks : {});
  const emit = async (type: string, properties: Json): Promise<void> => {
    if (!has("event")) return;
    await loaded
      .event({ type, properties })
      .catch((error: unknown) => process.stderr.write(`event ${type}: ${describe(error)}\n`));
  };
  /** Events whose handlers are not awaited, as in OpenCode. */
  const announce = (type: string, properties: Json): void => void emit(type, properties);
  const info = (id: string, cwd: string): Json => ({ info: { id, sessionID: id, directory: cwd } });

  const hooks: Hooks = {
    "session.started": async ({ session: id, cwd, reason }) => {
      session = id;
      announce(reason === "new" ? "session.created" : "session.updated", info(id, cwd));
      return undefined;
    },
    ...on(has("chat.message") || has("event"), {
      "prompt.before": {
        timeoutMs: TIMEOUT_MS,
        run: async (payload: HookPayload<"prompt.before">) => {
          announce("message.updated", { info: { id: payload.turn, role: "user", sessionID: payload.session } });
          return has("chat.message") ? changePrompt(loaded, payload) : undefined;
        },
      },
    }),
    ...on(has("experimental.chat.system.transform"), {
      "model.before": {
        timeoutMs: TIMEOUT_MS,
        run: (payload: HookPayload<"model.before">) => extendSystem(loaded, payload),
      },
    }),
    ...on(has("event"), {
      "model.after": async ({ session: id, turn, model }: HookPayload<"model.after">) => {
        announce("message.updated", { info: { id: turn, role: "assistant", sessionID: id, modelID: model } });
        return undefined;
      },
      "file.changed": async ({ path }: HookPayload<"file.changed">) => {
        announce("file.edited", { file: path });
        return undefined;
      },
      "turn.ended": {
        timeoutMs: TIMEOUT_MS,
        run: async ({ session: id, cwd, outcome }: HookPayload<"turn.ended">) => {
          await emit("session.updated", info(id, cwd));
          if (outcome === "failed")
            await emit("session.error", { sessionID: id, error: { name: "UnknownError", data: { message: outcome } } });
          await emit("session.idle", { sessionID: id });
          return undefined;
        },
      },
      "session.ended": async ({ session: id, cwd }: HookPayload<"session.ended">) => {
        await emit("session.ended", info(id, cwd));
        return undefined;
      },
    }),
    // If a hook that guards calls cannot run, the call is denied.
    ...on(has("tool.execute.before"), {
      "tool.before": {
        timeoutMs: TIMEOUT_MS,
        onFailure: "closed" as const,
        run: (payload: HookPayload<"tool.before">) => checkCall(loaded, payload, own),
      },
    }),
    ...on(has("tool.execute.after"), {
      "tool.after": {
        timeoutMs: TIMEOUT_MS,
        run: (payload: HookPayload<"tool.after">) => changeResult(loaded, payload, own),
      },
    }),
    ...on(has("permission.ask") || has("event"), {
      "permission.asked": {
        timeoutMs: TIMEOUT_MS,
        onFailure: "closed" as const,
        run: (payload: HookPayload<"permission.asked">) => {
          const permission = toPermission(payload, own);
          announce("permission.asked", permission);
          return has("permission.ask") ? narrowPermission(loaded, permission) : undefined;
        },
      },
    }),
    ...on(has("shell.env"), {
      "shell.env": {
        timeoutMs: TIMEOUT_MS,
        run: async ({ session: id, cwd }: HookPayload<"shell.env">) => {
          const { env } = await loaded.hook("shell.env", { sessionID: id, cwd }, { env: {} });
          return { env: toStrings(env) };
        },
      },
    }),
    ...on(has("experimental.session.compacting") || has("event"), {
      "compaction.before": {
        timeoutMs: TIMEOUT_MS,
        run: async ({ session: id }: HookPayload<"compaction.before">) => {
          announce("session.compacted", { sessionID: id });
          return has("experimental.session.compacting") ? addToSummary(loaded, id) : undefined;
        },
      },
    }),
  };
  return { hooks, session: () => session };
}

const toStrings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((value ?? {}) as Json).flatMap(([name, one]) =>
      one === undefined || one === null ? [] : [[name, String(one)]],
    ),
  );

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter((one): one is string => typeof one === "string" && one.trim() !== "");

/** The error that the hook threw is the reason for the denial. */
async function checkCall(
  loaded: LoadedPlugin,
  { session, call, tool, input, cwd }: HookPayload<"tool.before">,
  own: string,
): Promise<HookAnswer<"tool.before"> | undefined> {
  const before = toOpencodeArgs(tool, input, cwd);
  const after: Json[] = [];
  for (const args of before) {
    try {
      const name = toOpencodeName(tool, own);
      const request = { tool: name, sessionID: session, callID: call };
      const output = await loaded.hook("tool.execute.before", request, { args });
      after.push((output.args ?? args) as Json);
    } catch (error) {
      return { decision: "deny", reason: describe(error) };
    }
  }
  return isDeepStrictEqual(before, after) ? undefined : { input: fromOpencodeArgs(tool, after) };
}

/** A changed output is sent to the model along with the result: the log keeps what the tool returned. */
async function changeResult(
  loaded: LoadedPlugin,
  { session, call, tool, input, cwd, output }: HookPayload<"tool.after">,
  own: string,
): Promise<HookAnswer<"tool.after"> | undefined> {
  const name = toOpencodeName(tool, own);
  const [args = {}] = toOpencodeArgs(tool, input, cwd);
  const request = { tool: name, sessionID: session, callID: call, args };
  const changed = await loaded.hook("tool.execute.after", request, { title: name, output, metadata: {} });
  if (typeof changed.output !== "string" || changed.output === output) return undefined;
  const added = changed.output.startsWith(output) ? changed.output.slice(output.length).trim() : "";
  return { feedback: added || `This replaces the result:\n${changed.output}` };
}

const toPermission = (
  { session, turn, call, tool, input, cwd, title, detail }: HookPayload<"permission.asked"> & { input?: unknown },
  own: string,
): Json => ({
  id: call,
  type: toOpencodeName(tool, own),
  sessionID: session,
  messageID: turn,
  callID: call,
  title,
  metadata: { detail, ...toOpencodeArgs(tool, input, cwd)[0] },
});

/** `allow` has no effect: what needs an approval of a user still does. */
async function narrowPermission(
  loaded: LoadedPlugin,
  permission: Json,
): Promise<HookAnswer<"permission.asked"> | undefined> {
  const { status } = await loaded.hook("permission.ask", permission, { status: "ask" });
  return status === "deny" ? { answer: "no", reason: "the plugin denies it" } : undefined;
}

/** In OpenCode, a prompt is not sent if the hook throws. */
async function changePrompt(
  loaded: LoadedPlugin,
  { session, turn, text }: HookPayload<"prompt.before">,
): Promise<HookAnswer<"prompt.before"> | undefined> {
  const id = { sessionID: session, messageID: turn };
  const message = { id: turn, sessionID: session, role: "user" };
  try {
    const output = await loaded.hook("chat.message", id, { message, parts: [{ id: turn, ...id, type: "text", text }] });
    const parts = Array.isArray(output.parts) ? (output.parts as Json[]) : [];
    const changed = parts.flatMap((part) => (part?.type === "text" ? [String(part.text)] : [])).join("\n\n");
    return changed === text || changed === "" ? undefined : { text: changed };
  } catch (error) {
    return { block: describe(error) };
  }
}

async function extendSystem(
  loaded: LoadedPlugin,
  { session, model, first }: HookPayload<"model.before">,
): Promise<HookAnswer<"model.before"> | undefined> {
  if (!first) return undefined;
  const [providerID = "", ...rest] = model.split("/");
  const input = { sessionID: session, model: { id: rest.join("/"), modelID: rest.join("/"), providerID } };
  const { system } = await loaded.hook("experimental.chat.system.transform", input, { system: [""] });
  const added = texts(system).join("\n\n");
  return added === "" ? undefined : { system: added };
}

async function addToSummary(
  loaded: LoadedPlugin,
  sessionID: string,
): Promise<HookAnswer<"compaction.before"> | undefined> {
  const { context, prompt } = await loaded.hook("experimental.session.compacting", { sessionID }, { context: [] });
  const added = [...texts(context), ...texts([prompt])].join("\n\n");
  return added === "" ? undefined : { context: added };
}
