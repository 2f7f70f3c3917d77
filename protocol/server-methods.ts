/** Methods about the server: connecting, models and providers, the configuration, permission rules, health. */
import { z } from "zod";
import { ok, request, roles, session } from "./method.ts";
import { decisions } from "./settings.ts";

export const serverRequests = {
  initialize: request(
    "initialize",
    "viewer",
    "Introduces the client; the first call of a connection, made once. An unknown `protocol` version is refused.",
    z.object({
      protocol: z.literal(1),
      client: z.object({ name: z.string(), version: z.string() }),
      /** True where the client can show questions to a person. */
      answers: z.boolean().optional(),
    }),
    z.object({
      protocol: z.literal(1),
      server: z.object({ name: z.string(), version: z.string() }),
      role: z.enum(roles),
      /** The id of this client in lists of participants; absent from older servers. */
      participant: z.string().optional(),
      /** Problems of the configuration in use, as `file:line:column: message`. */
      problems: z.array(z.object({ level: z.enum(["warning", "error"]), text: z.string() })).optional(),
    }),
  ),
  modelList: request(
    "model/list",
    "viewer",
    "Models of the catalog and the configuration. Sizes are in tokens, prices in USD per million tokens. `ready`: a key is available, or none is needed.",
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
  modelCheck: request(
    "model/check",
    "viewer",
    "Checks that a model can be used. Returns its full name, `PROVIDER/MODEL`, and a warning if its provider did not list its models. Without `model`, checks the configured or default model.",
    z.object({ model: z.string().optional() }),
    z.object({ model: z.string(), warning: z.string().nullable() }),
    ["config", "auth", "noModel"],
  ),
  modelDiscover: request(
    "model/discover",
    "viewer",
    "Probes the default local addresses and those of the configuration (500 ms, in parallel) for the models they serve, and their real context sizes.",
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
    "Downloads the model catalog from the configured address (`catalog.url`).",
    z.object({}),
    z.object({ providers: z.number(), models: z.number() }),
    ["config"],
  ),
  providerList: request(
    "provider/list",
    "viewer",
    "Providers of the configuration, then those of the catalog in order of preference. `key` is where an API key was found, never the key itself.",
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
    "Tests a provider with a few small requests and reports what works. With `key`, uses this API key instead of the provider's, and does not store it.",
    z.object({ provider: z.string(), model: z.string().optional(), key: z.string().optional() }),
    z.object({
      model: z.string(),
      checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "failed", "unknown"]), detail: z.string() })),
    }),
    ["config", "auth", "model"],
  ),
  providerLogin: request(
    "provider/login",
    "owner",
    "Stores an API key in the system keychain, or in a file that only its owner can read.",
    z.object({ provider: z.string(), key: z.string() }),
    z.object({ stored: z.enum(["keychain", "file"]), path: z.string().optional() }),
    ["config", "storage"],
  ),
  providerLogout: request(
    "provider/logout",
    "owner",
    "Removes a stored API key.",
    z.object({ provider: z.string() }),
    z.object({ removed: z.boolean() }),
  ),
  configRead: request(
    "config/get",
    "driver",
    "Values in effect (API keys are masked) and the source of each; with `key`, only that key and those below it.",
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
    "Sets a value in the user's configuration file, or removes it where `text` is absent. A model that its provider does not have is rejected. `warning` reports a model that could not be verified. `text` is parsed as JSON where possible, else taken as a string. Comments in the file are preserved.",
    z.object({ key: z.string(), text: z.string().optional() }),
    z.object({ path: z.string(), warning: z.string().optional() }),
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
    "Checks a command line against permission rules, without running it. Without `rules`, uses those in force in the folder or session.",
    z.object({ rules: z.unknown().optional(), session: z.string().optional(), cwd: z.string(), command: z.string() }),
    z.object({
      decision: z.enum(decisions),
      reason: z.string(),
      parts: z.array(z.object({ command: z.string(), decision: z.enum(decisions), rule: z.string().nullable() })),
    }),
  ),
  permissionList: request(
    "permission/list",
    "approver",
    "Rules saved by 'always allow', by workspace.",
    z.object({}),
    z.object({ rules: z.array(z.object({ cwd: z.string(), rule: z.string() })) }),
  ),
  permissionForget: request(
    "permission/forget",
    "owner",
    "Removes a saved rule of a workspace; all of them where `rule` is absent.",
    z.object({ cwd: z.string(), rule: z.string().optional() }),
    z.object({ removed: z.number().int().nonnegative() }),
  ),
  serverDoctor: request(
    "server/doctor",
    "owner",
    "Checks what Tutti needs from this machine, and what to do about each problem.",
    z.object({ cwd: z.string() }),
    z.object({
      checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "warning", "failed"]), detail: z.string() })),
    }),
  ),
  serverStatus: request(
    "server/status",
    "viewer",
    "Version, process, connected clients and open sessions of the server.",
    z.object({}),
    z.object({
      version: z.string(),
      pid: z.number(),
      startedAt: z.number(),
      clients: z.number(),
      sessions: z.array(z.object({ session, running: z.boolean(), watchers: z.number() })),
    }),
  ),
  serverStop: request("server/stop", "owner", "Ends all turns and sessions, then the server.", z.object({}), ok),
} as const;
