/** The methods about the server itself: who connects, models and their providers, the configuration, permission rules. */
import { z } from "zod";
import { ok, request, roles, session } from "./method.ts";

export const serverRequests = {
  initialize: request(
    "initialize",
    "viewer",
    "Says who connects, once, before anything else. The version is that of this protocol; an unknown one is refused.",
    z.object({
      protocol: z.literal(1),
      client: z.object({ name: z.string(), version: z.string() }),
      /** True where a person is there who can be asked. */
      answers: z.boolean().optional(),
    }),
    z.object({
      protocol: z.literal(1),
      server: z.object({ name: z.string(), version: z.string() }),
      role: z.enum(roles),
      /** What is wrong with the configuration that the server runs with, as `file:line:column: what`. */
      problems: z.array(z.object({ level: z.enum(["warning", "error"]), text: z.string() })).optional(),
    }),
  ),
  modelList: request(
    "model/list",
    "viewer",
    "Models of the catalog and the configuration. Sizes in tokens, prices in USD per million tokens.",
    z.object({ provider: z.string().optional() }),
    z.object({
      models: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          context: z.number().nullable(),
          output: z.number().nullable(),
          price: z.object({ input: z.number(), output: z.number() }).nullable(),
          tools: z.boolean(),
          vision: z.boolean(),
          reasoning: z.boolean(),
          ready: z.boolean(),
        }),
      ),
    }),
  ),
  modelDiscover: request(
    "model/discover",
    "viewer",
    "Asks the usual local addresses and the local ones of the configuration (500 ms, in parallel) which models they serve, and how much context they really have.",
    z.object({}),
    z.object({
      endpoints: z.array(
        z.object({
          provider: z.string(),
          baseUrl: z.string(),
          models: z.array(z.object({ id: z.string(), context: z.number().nullable(), warning: z.string().optional() })),
        }),
      ),
    }),
  ),
  modelRefresh: request(
    "model/refresh",
    "owner",
    "Fetches the catalog from the address in the configuration (`catalog.url`).",
    z.object({}),
    z.object({ providers: z.number(), models: z.number() }),
    ["config"],
  ),
  providerList: request(
    "provider/list",
    "viewer",
    "Endpoints of the catalog and the configuration; `key` says where a key was found, never what it is.",
    z.object({}),
    z.object({
      providers: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          baseUrl: z.string(),
          key: z.enum(["environment", "keychain", "file", "configuration", "none", "not needed"]),
          keyNames: z.array(z.string()),
          models: z.number(),
          note: z.string().optional(),
        }),
      ),
    }),
  ),
  providerTest: request(
    "provider/test",
    "owner",
    "Tries an endpoint with a few tiny requests and says what works.",
    z.object({ provider: z.string(), model: z.string().optional() }),
    z.object({
      model: z.string(),
      checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "failed", "unknown"]), detail: z.string() })),
    }),
    ["config", "auth", "model"],
  ),
  providerLogin: request(
    "provider/login",
    "owner",
    "Stores a key in the system's keychain, or in a file that only its owner can read.",
    z.object({ provider: z.string(), key: z.string() }),
    z.object({ stored: z.enum(["keychain", "file"]), path: z.string().optional() }),
    ["config", "storage"],
  ),
  providerLogout: request(
    "provider/logout",
    "owner",
    "Forgets a stored key.",
    z.object({ provider: z.string() }),
    z.object({ forgotten: z.boolean() }),
  ),
  configRead: request(
    "config/get",
    "driver",
    "Values in effect (keys are masked) and where each came from; with `key` that one and what is below it.",
    z.object({ cwd: z.string(), key: z.string().optional() }),
    z.object({
      values: z.array(z.object({ key: z.string(), value: z.unknown(), source: z.string() })),
      warnings: z.array(z.string()),
      path: z.string(),
    }),
  ),
  configWrite: request(
    "config/set",
    "owner",
    "Sets a value in the user's file, or takes it out where `text` is absent. The text is JSON where it can be read so. Comments in the file survive.",
    z.object({ key: z.string(), text: z.string().optional() }),
    z.object({ path: z.string() }),
    ["config"],
  ),
  configSchema: request(
    "config/schema",
    "viewer",
    "JSON Schema of the configuration.",
    z.object({}),
    z.object({ schema: z.unknown() }),
  ),
  permissionCheck: request(
    "permission/check",
    "viewer",
    "What a set of rules would say of a command line; nothing is run.",
    z.object({ rules: z.unknown(), cwd: z.string(), command: z.string() }),
    z.object({
      decision: z.enum(["allow", "ask", "deny"]),
      reason: z.string(),
      parts: z.array(
        z.object({ command: z.string(), decision: z.enum(["allow", "ask", "deny"]), rule: z.string().nullable() }),
      ),
    }),
  ),
  permissionList: request(
    "permission/list",
    "approver",
    "The rules that people chose to keep when they were asked, by workspace.",
    z.object({}),
    z.object({ rules: z.array(z.object({ cwd: z.string(), rule: z.string() })) }),
  ),
  permissionForget: request(
    "permission/forget",
    "owner",
    "Takes back a kept rule of a workspace; all of them where `rule` is absent.",
    z.object({ cwd: z.string(), rule: z.string().optional() }),
    z.object({ forgotten: z.number().int().nonnegative() }),
  ),
  serverDoctor: request(
    "server/doctor",
    "owner",
    "Looks at what Tutti needs from the machine, and says what to do about what is missing.",
    z.object({ cwd: z.string() }),
    z.object({
      checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "warning", "failed"]), detail: z.string() })),
    }),
  ),
  serverStatus: request(
    "server/status",
    "viewer",
    "What the server is doing.",
    z.object({}),
    z.object({
      version: z.string(),
      pid: z.number(),
      startedAt: z.number(),
      clients: z.number(),
      sessions: z.array(z.object({ session, running: z.boolean(), watchers: z.number() })),
    }),
  ),
  serverStop: request("server/stop", "owner", "Ends turns and sessions cleanly, then the server.", z.object({}), ok),
} as const;
