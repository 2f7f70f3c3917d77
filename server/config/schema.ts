/**
 * The schema of a configuration file, with types and units; `tutti config schema` prints it as JSON Schema. The whole file is validated
 * here, so code that uses a section does not validate it again.
 */

import { z } from "zod";
import { efforts, modes, routingModes, tiers as tierNames } from "../../protocol/settings.ts";
import { validateRule } from "../permission/rules.ts";

const optional = z.exactOptional;
const text = (description: string) => optional(z.string().describe(description));
const flag = (description: string) => optional(z.boolean().describe(description));
const tokens = (description: string) => optional(z.number().int().positive().describe(`${description}, in tokens`));
const dollars = (description: string) => optional(z.number().nonnegative().describe(`${description}, in USD`));
const limit = (whose: string) =>
  optional(
    z
      .union([
        z.number().nonnegative(),
        z.strictObject({
          usd: optional(z.number().nonnegative()),
          tokens: optional(z.number().int().nonnegative()),
        }),
      ])
      .describe(`Maximum of ${whose}, in USD, or as usd and tokens`),
  );
const strings = z.record(z.string(), z.string());

const rule = z.string().check((context) => {
  const problem = validateRule(context.value);
  if (problem !== null) context.issues.push({ code: "custom", message: problem, input: context.value });
});
const rules = (description: string) => optional(z.array(rule).describe(description));
const effort = z.enum(efforts).describe("Reasoning effort of the model");
const address = z.string().regex(/^https?:\/\//, "a URL that starts with http:// or https://");

const compat = () =>
  z
    .strictObject({
      maxTokensField: optional(z.enum(["max_tokens", "max_completion_tokens"])),
      systemRole: optional(z.enum(["system", "developer"])),
      reasoningOut: optional(
        z.enum(["reasoning_content", "reasoning", "thinking-part", "think-tags", "none", "current"]),
      ),
      reasoningRequired: optional(z.boolean()),
      thinkTags: optional(z.enum(["none", "tagged", "open"])),
      toolIds: optional(z.enum(["any", "alnum9", "word"])),
      toolChoice: optional(z.enum(["full", "any-for-required", "auto-only", "none"])),
      parallelToolCalls: optional(z.enum(["omit", "send"])),
      toolsEffort: optional(z.literal("none")),
      effortStyle: optional(
        z.enum([
          "reasoning_effort",
          "thinking-type",
          "thinking-budget",
          "enable_thinking",
          "chat_template_kwargs",
          "none",
        ]),
      ),
      efforts: optional(z.array(z.string())),
      requireToolName: optional(z.boolean()),
      bridgeAfterTool: optional(z.boolean()),
      mergeUsers: optional(z.boolean()),
      singleSystem: optional(z.boolean()),
      schemaDialect: optional(z.enum(["plain", "gemini", "moonshot", "xai"])),
      imageInput: optional(z.enum(["url", "data-only", "none"])),
      imageInToolResult: optional(z.boolean()),
      streamUsage: optional(z.enum(["include_usage", "none"])),
      usageDialect: optional(z.enum(["plain", "separate-reasoning"])),
      dropParams: optional(z.array(z.string())),
      cacheControl: optional(z.boolean()),
      textCalls: optional(z.boolean()),
      thoughtSignatures: optional(z.boolean()),
      completions: optional(z.enum(["suffix", "fim", "none"])),
      completionsBase: optional(z.string().regex(/^(\/[\w.-]+)+$/, "a path on the same host, such as /beta")),
      retryNotFound: optional(z.boolean()),
      toolsForHistory: optional(z.boolean()),
      cacheKeyField: optional(z.string()),
      reasoningDetails: optional(z.boolean()),
    })
    .describe("How this endpoint differs from the plain dialect");

const model = () =>
  z.strictObject({
    id: text("The model id that is sent to the endpoint, if it differs from the name here"),
    context: tokens("Context size of a request"),
    output: tokens("Maximum output of a response"),
    cost: optional(
      z
        .strictObject({
          input: dollars("Input"),
          output: dollars("Output"),
          cached: dollars("Cached input"),
          cacheWrite: dollars("Cache writes"),
        })
        .describe("USD per million tokens"),
    ),
    toolCall: flag("The model can call tools"),
    vision: flag("The model can see images"),
    reasoning: flag("The model reasons before it responds"),
    compat: optional(z.lazy(compat)),
  });

const provider = () =>
  z.strictObject({
    name: text("Display name"),
    baseUrl: optional(address.describe("Base URL of the OpenAI-compatible endpoint, including /v1")),
    apiKey: text("The API key. Prefer {env:NAME} or {file:PATH} over the key itself"),
    keyHeader: text("The header for the key. Default: Authorization"),
    headers: optional(strings.describe("HTTP headers of each request")),
    query: optional(strings.describe("Query parameters of each request")),
    compat: optional(z.lazy(compat)),
    models: optional(z.record(z.string(), z.lazy(model)).describe("Models at this endpoint, by name")),
    local: flag("The endpoint runs on this machine or network and may take minutes to load a model"),
  });

const oneTierModel = z.union([
  z.string(),
  z.strictObject({
    model: z.string(),
    effort: optional(effort),
    maxSteps: optional(
      z.number().int().positive().describe("Model requests in one turn; then the next tier continues"),
    ),
    maxCostUsd: optional(z.number().positive().describe("USD in one turn; then it ends")),
    fallbacks: optional(z.array(z.string()).describe("Used, in this order, if the model cannot be")),
  }),
]);
const tierModel = z
  .union([oneTierModel, z.array(oneTierModel).min(1)])
  .describe("provider/model, a model with an effort, or a list: the first that can be used serves the tier");
const tiers = () =>
  z.strictObject({
    quick: optional(tierModel),
    standard: optional(tierModel),
    advanced: optional(tierModel),
  });
const tierName = z.enum(tierNames);

const plugin = () =>
  z
    .strictObject({
      command: optional(z.array(z.string()).min(1).describe("The program and its arguments")),
      url: optional(address.describe("URL of an MCP server over HTTP")),
      env: optional(
        z
          .union([z.array(z.string()), strings])
          .describe("Names of environment variables to pass, or names with values"),
      ),
      headers: optional(strings.describe("HTTP headers of each request")),
      cwd: text("The working folder of the program"),
      enabled: flag("False disables the plugin"),
      timeout: optional(z.number().positive().describe("Timeout of one call, in milliseconds")),
      sampling: flag("The plugin may use the model; you approve each request"),
    })
    .refine((value) => (value.command === undefined) !== (value.url === undefined), "either a command or a url");

const agent = () =>
  z.strictObject({
    description: text("When to use it"),
    model: text("provider/model"),
    tiers: optional(tiers()),
    tier: optional(tierName),
    effort: optional(effort),
    prompt: text("The system prompt"),
    tools: optional(z.array(z.string()).describe("The tools the agent may use")),
    mode: optional(
      z
        .enum([...modes, "primary", "subagent", "all"])
        .describe(
          "What it can do without approval; or who starts it: you (primary), another agent (subagent), or both (all)",
        ),
    ),
    permissions: optional(
      z.strictObject({
        mode: optional(z.enum(modes)),
        allow: rules("Runs without approval"),
        ask: rules("Always needs approval"),
        deny: rules("Never runs"),
      }),
    ),
    agents: optional(z.array(z.string()).describe("The agents it may start, as names or patterns")),
    skills: optional(z.array(z.string()).describe("Skills that are loaded from the start")),
    steps: optional(z.number().int().positive().describe("Maximum model requests in one turn")),
    isolation: optional(z.literal("worktree").describe("It works in a git worktree of its own")),
    color: text("A color name of the theme, or #rrggbb"),
    hidden: flag("It is not listed, but can be used by name"),
    disable: flag("It does not exist"),
  });

/** The schema of each top-level key, built only if a file has that key, to keep the start fast. */
const sections = {
  $schema: () => text("For editors"),
  model: () => text("provider/model"),
  effort: () => optional(effort),
  agent: () => text("The agent that a new session starts with"),
  tiers: () => optional(tiers().describe("Models for quick, standard and advanced tasks")),
  routing: () =>
    optional(
      z.strictObject({
        mode: optional(z.enum(routingModes).describe("How easily a task gets a higher tier")),
        classifier: flag("If the score of a task is near a threshold, a quick model rates it"),
        maxTier: optional(tierName.describe("No higher tier is chosen automatically")),
        titles: flag("The quick model writes the titles of sessions. Default: true, unless that model is local"),
        deescalate: flag("False: a turn of the advanced tier does not continue with a cheaper one"),
        carryHistory: flag("An escalated turn keeps its history, instead of starting with a hand-over"),
        weights: optional(
          z.record(z.string(), z.number()).describe("Points by signal; `tutti route` names the signals"),
        ),
        thresholds: optional(
          z.strictObject({
            quick: optional(z.number().describe("At most this score is quick")),
            advanced: optional(z.number().describe("At least this score is advanced")),
          }),
        ),
      }),
    ),
  budget: () =>
    optional(
      z.strictObject({
        session: limit("one session with its subagents"),
        day: limit("one day (UTC) of all sessions"),
        tiers: optional(
          z
            .strictObject({
              quick: limit("the quick tier in one session"),
              standard: limit("the standard tier in one session"),
              advanced: limit("the advanced tier in one session"),
            })
            .describe("Maximum use of a tier; then lower tiers are used"),
        ),
      }),
    ),
  providers: () =>
    optional(z.record(z.string(), provider()).describe("Endpoints, by the name before the slash in a model")),
  catalog: () =>
    optional(
      z
        .strictObject({ url: optional(address.describe("URL for `tutti models --refresh`")) })
        .describe("The catalog of providers and models"),
    ),
  agents: () => optional(z.record(z.string(), agent()).describe("Agents, by name")),
  permissions: () =>
    optional(
      z.strictObject({
        mode: optional(z.enum(modes).describe("What the agent can do without approval")),
        allow: rules("Runs without approval: tool or tool(pattern)"),
        ask: rules("Always needs approval"),
        deny: rules("Never runs, even if it is allowed elsewhere"),
      }),
    ),
  sandbox: () => optional(z.enum(["on", "required", "off"])),
  plugins: () => optional(z.record(z.string(), plugin()).describe("MCP servers, by name")),
  hooks: () => optional(z.record(z.string(), z.array(z.looseObject({}))).describe("Commands that run on events")),
  instructions: () =>
    optional(
      z
        .array(z.string())
        .describe("Instruction files for every session, relative to the working folder; ~ is the home folder"),
    ),
  passEnvironment: () =>
    optional(
      z
        .array(z.string().regex(/^[^\s=]+$/, "the name of an environment variable"))
        .describe("Names of environment variables to pass to commands, in addition to those that builds need"),
    ),
  completion: () =>
    optional(
      z.strictObject({
        inline: optional(
          z.enum(["auto", "on", "off"]).describe("Completion at the cursor in editors; auto: only if it is free"),
        ),
        model: text("provider/model. Default: the quick tier, then the model"),
        delay: optional(
          z.number().nonnegative().describe("Pause in typing before a completion is requested, in milliseconds"),
        ),
        budget: dollars("Maximum cost of completions on one day"),
      }),
    ),
  theme: () => text("The name of a theme for the terminal UI"),
  keys: () => optional(z.enum(["default", "vim", "emacs"]).describe("The key table of the terminal UI")),
  bindings: () => optional(strings.describe("Key bindings of the terminal UI: actions by key; `none` unbinds a key")),
  share: () =>
    optional(
      z.strictObject({
        hub: optional(address.describe("The hub through which guests join shared sessions")),
        mode: optional(
          z
            .enum(["manual", "auto", "disabled"])
            .describe(
              "`disabled`: no session of this folder can be shared, and shares are not continued; otherwise you share each one yourself. `auto` is the same as `manual` for now",
            ),
        ),
      }),
    ),
  notify: () => flag("Notify when the agent waits or a long turn ends while the terminal is not focused"),
  telemetry: () => flag("No effect: Tutti never sends telemetry"),
};

type Sections = { [K in keyof typeof sections]: ReturnType<(typeof sections)[K]> };

/** The schema of a file with these keys. A key without a section is rejected as unknown. */
export function buildConfigFileSchema(keys: readonly string[]) {
  const named = keys.filter((key): key is keyof Sections => Object.hasOwn(sections, key));
  return z.strictObject(
    Object.fromEntries(named.map((key) => [key, sections[key]()])) as Partial<Sections> as Sections,
  );
}

export type ConfigFile = z.infer<ReturnType<typeof buildConfigFileSchema>>;
export type ProviderConfig = z.infer<ReturnType<typeof provider>>;

/** JSON Schema of a configuration file, for editors. */
export function buildConfigJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(buildConfigFileSchema(Object.keys(sections)), { io: "input", unrepresentable: "any" });
}
