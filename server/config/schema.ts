/**
 * What a configuration file may hold, with shapes and units; `tutti config schema` prints it as JSON Schema.
 * Parts of Tutti that read their section later find it checked already.
 */
import { z } from "zod";
import { ruleProblem } from "../permission/rules.ts";

const optional = z.exactOptional;
const text = (description: string) => optional(z.string().describe(description));
const flag = (description: string) => optional(z.boolean().describe(description));
const tokens = (description: string) => optional(z.number().int().positive().describe(`${description}, in tokens`));
const dollars = (description: string) => optional(z.number().nonnegative().describe(`${description}, in USD`));
const strings = z.record(z.string(), z.string());

const rule = z.string().check((context) => {
  const problem = ruleProblem(context.value);
  if (problem !== null) context.issues.push({ code: "custom", message: problem, input: context.value });
});
const rules = (description: string) => optional(z.array(rule).describe(description));
const effort = z.enum(["none", "low", "medium", "high"]).describe("How much the model thinks before it answers");
const address = z.string().regex(/^https?:\/\//, "an address that starts with http:// or https://");

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
      completionsBase: optional(z.string().regex(/^(\/[\w.-]+)+$/, "a path of the same address, such as /beta")),
      retryNotFound: optional(z.boolean()),
      toolsForHistory: optional(z.boolean()),
      cacheKeyField: optional(z.string()),
      reasoningDetails: optional(z.boolean()),
    })
    .describe("How this endpoint differs from the plain dialect; what is absent is plain");

const model = () =>
  z.strictObject({
    id: text("What the endpoint calls it, where that differs from the name here"),
    context: tokens("What a request may hold in all"),
    output: tokens("The longest answer"),
    cost: optional(
      z
        .strictObject({
          input: dollars("Input"),
          output: dollars("Output"),
          cached: dollars("Cached input"),
          cacheWrite: dollars("Writing to the cache"),
        })
        .describe("USD per million tokens"),
    ),
    toolCall: flag("Can call tools"),
    vision: flag("Can see images"),
    reasoning: flag("Thinks before it answers"),
    compat: optional(z.lazy(compat)),
  });

const provider = () =>
  z.strictObject({
    name: text("What people call it"),
    baseUrl: optional(address.describe("Where the OpenAI-compatible endpoint is, with its /v1")),
    apiKey: text("The key; better {env:NAME} or {file:PATH} than the key itself"),
    keyHeader: text("The header for the key; Authorization where absent"),
    headers: optional(strings.describe("Sent with each request")),
    query: optional(strings.describe("Added to the address of each request")),
    compat: optional(z.lazy(compat)),
    models: optional(z.record(z.string(), z.lazy(model)).describe("Models at this endpoint, by name")),
    local: flag("Runs on this machine or network and may take minutes to load a model"),
  });

const tierModel = z
  .union([z.string(), z.strictObject({ model: z.string(), effort: optional(effort) })])
  .describe("provider/model, or a model with an effort");
const tiers = () =>
  z.strictObject({
    quick: optional(tierModel),
    standard: optional(tierModel),
    advanced: optional(tierModel),
  });
const tierName = z.enum(["quick", "standard", "advanced"]);

const plugin = () =>
  z
    .strictObject({
      command: optional(z.array(z.string()).min(1).describe("The program and its arguments")),
      url: optional(address.describe("An MCP server over HTTP")),
      env: optional(
        z.union([z.array(z.string()), strings]).describe("Names of variables to pass on, or names with values"),
      ),
      headers: optional(strings.describe("Sent with each request to the address")),
      cwd: text("Where the program starts"),
      enabled: flag("False leaves it out"),
      timeout: optional(z.number().positive().describe("For one call, in milliseconds")),
      sampling: flag("It may ask the model for answers; you are asked each time"),
    })
    .refine((value) => (value.command === undefined) !== (value.url === undefined), "either a command or a url");

const agent = () =>
  z.strictObject({
    description: text("When to use it"),
    model: text("provider/model"),
    tiers: optional(tiers()),
    tier: optional(tierName),
    effort: optional(effort),
    prompt: text("What it is told"),
    tools: optional(z.array(z.string()).describe("The tools it may use")),
    mode: optional(z.enum(["plan", "ask", "edit", "auto"])),
    steps: optional(z.number().int().positive().describe("Model requests in one turn")),
  });

/** Each key of the file with what may stand there, made when a file has that key: most have few, and every start reads them. */
const sections = {
  $schema: () => text("For editors"),
  model: () => text("provider/model"),
  effort: () => optional(effort),
  agent: () => text("The agent that a new session starts with"),
  tiers: () => optional(tiers().describe("Which model does quick, standard and advanced work")),
  routing: () =>
    optional(
      z.strictObject({
        mode: optional(z.enum(["cost", "balanced", "quality"])),
        classifier: flag("Ask a quick model how hard the task is"),
        maxTier: optional(tierName),
      }),
    ),
  budget: () =>
    optional(
      z.strictObject({
        session: dollars("Most that one session may cost"),
        day: dollars("Most that one day may cost"),
      }),
    ),
  providers: () =>
    optional(
      z.record(z.string(), provider()).describe("Endpoints, by the name that stands before the slash in a model"),
    ),
  catalog: () =>
    optional(
      z
        .strictObject({ url: optional(address.describe("Where `tutti models --refresh` gets the catalog from")) })
        .describe("Providers and models that Tutti knows"),
    ),
  agents: () => optional(z.record(z.string(), agent()).describe("Agents, by name")),
  permissions: () =>
    optional(
      z.strictObject({
        mode: optional(z.enum(["plan", "ask", "edit", "auto"]).describe("What needs no question")),
        allow: rules("Needs no question: tool or tool(pattern)"),
        ask: rules("Is always asked"),
        deny: rules("Is never done, wherever it is allowed"),
      }),
    ),
  sandbox: () => optional(z.enum(["on", "required", "off"])),
  plugins: () => optional(z.record(z.string(), plugin()).describe("MCP servers, by name")),
  hooks: () =>
    optional(z.record(z.string(), z.array(z.looseObject({}))).describe("Commands that run when something happens")),
  instructions: () =>
    optional(
      z.array(z.string()).describe("Files that every session is told, from the working folder; ~ is the home folder"),
    ),
  completion: () =>
    optional(
      z.strictObject({
        inline: optional(
          z.enum(["auto", "on", "off"]).describe("Completion at the cursor in editors; auto is where it costs nothing"),
        ),
        model: text("provider/model; else the quick tier, else the model"),
        delay: optional(z.number().nonnegative().describe("Of rest before a model is asked, in milliseconds")),
        budget: dollars("Most that completions may cost on one day"),
      }),
    ),
  theme: () => text("The name of a theme for the terminal UI"),
  keys: () => optional(z.enum(["default", "vim", "emacs"]).describe("The key table of the terminal UI")),
  bindings: () => optional(strings.describe("What keys do in the terminal UI: actions by key, `none` unbinds")),
  share: () =>
    optional(z.strictObject({ hub: optional(address), mode: optional(z.enum(["manual", "auto", "disabled"])) })),
  notify: () => flag("Tell when the agent waits or a long turn has ended, while the terminal is not looked at"),
  telemetry: () => flag("Nothing is sent, whatever stands here"),
};

type Sections = { [K in keyof typeof sections]: ReturnType<(typeof sections)[K]> };

/** The schema of a file with these keys; a key that is no section is refused as unknown. */
export function configFile(keys: readonly string[]) {
  const named = keys.filter((key): key is keyof Sections => Object.hasOwn(sections, key));
  return z.strictObject(
    Object.fromEntries(named.map((key) => [key, sections[key]()])) as Partial<Sections> as Sections,
  );
}

export type ConfigFile = z.infer<ReturnType<typeof configFile>>;
export type ProviderConfig = z.infer<ReturnType<typeof provider>>;

/** JSON Schema of a configuration file, for editors. */
export function configSchema(): Record<string, unknown> {
  return z.toJSONSchema(configFile(Object.keys(sections)), { io: "input", unrepresentable: "any" });
}
