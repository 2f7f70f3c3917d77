/** Encodes collected provider data as the catalog on disk, and validates an encoded catalog that was fetched. Pure; loads zod. */
import { z } from "zod";
import { type ModelRow, modelFlags, type ProviderRow, type SharedRow } from "./catalog-rows.ts";

const sourceModel = z.object({
  id: z.string(),
  name: z.string(),
  context: z.number().nonnegative().nullish(),
  output: z.number().nonnegative().nullish(),
  toolCall: z.boolean(),
  reasoning: z.boolean(),
  vision: z.boolean(),
  releaseDate: z.string(),
  cost: z
    .object({
      input: z.number(),
      output: z.number(),
      cacheRead: z.number().optional(),
      cacheWrite: z.number().optional(),
    })
    .optional(),
  efforts: z.array(z.string()).optional(),
  reasoningField: z.string().optional(),
  toolsEffort: z.string().optional(),
  inputLimit: z.number().optional(),
  status: z.string().optional(),
  requestId: z.string().optional(),
  baseUrl: z.string().optional(),
});

const sourceProvider = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  name: z.string(),
  category: z.string(),
  baseUrl: z.string().nullable(),
  env: z.array(z.string()),
  auth: z.string(),
  docs: z.string().nullish(),
  headers: z.record(z.string(), z.string()).optional(),
  openaiCompatible: z.boolean(),
  note: z.string().optional(),
  reason: z.string().optional(),
  excludedModels: z.array(z.string()).optional(),
  models: z.array(sourceModel),
});

export const catalogSource = z.object({
  meta: z.object({ generated: z.string() }),
  providers: z.array(sourceProvider).min(1),
});
export type CatalogSource = z.infer<typeof catalogSource>;

/** Provider variables that do not hold a key. */
const notAKey =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)$|^GOOGLE_APPLICATION_CREDENTIALS$|_(REGION|ENDPOINT|PROJECT|LOCATION|ACCOUNT|HOST|URL|NAME|ID)$/;

/** Key variables that the collected data does not list. */
const extraKeys: Record<string, string[]> = { "google-vertex": ["GOOGLE_VERTEX_ACCESS_TOKEN"] };

/** Notes for the user, used instead of the collected notes, which address programmers. */
const explanations: Record<string, string> = {
  "amazon-bedrock":
    "Needs a Bedrock API key. Claude, Nova, Llama, AI21 and Cohere models are not served on its chat completions route.",
  anthropic: "Through chat completions Claude shows no thinking and keeps no prompt cache.",
  azure: "The model is the name of your deployment.",
  "github-copilot": "Needs a Copilot token, which a GitHub token must first be exchanged for.",
  "google-vertex":
    "Needs an OAuth access token, as `gcloud auth print-access-token` prints it, in GOOGLE_VERTEX_ACCESS_TOKEN.",
  "google-vertex-anthropic":
    "Claude on Vertex AI has no chat completions route; use anthropic, or a gateway such as openrouter.",
  heroku: "The add-on sets INFERENCE_URL; its address with /v1 behind is the base URL.",
  minimax: "Thinking arrives inside the text, between think tags.",
  openai:
    "Codex, pro and deep research models are served on another route only, and the newest models do not reason while they have tools.",
  opencode: "GPT, Claude, Gemini and Qwen models are served on other routes only.",
  "kimi-for-coding": "",
  vivgrid: "",
  zenmux: "",
  "cloudflare-ai-gateway": "Model names there are PROVIDER/MODEL.",
  custom: "Set CUSTOM_BASE_URL, or better, add a provider to your configuration.",
  ollama: "Set OLLAMA_CONTEXT_LENGTH where the server is started: its own choice may be as small as 4k.",
  llamacpp: "",
  vllm: "Tool calls need --enable-auto-tool-choice and --tool-call-parser where the server is started.",
  localai: "",
  "perplexity-agent": "Has no known chat completions address; use perplexity.",
};

export function encodeCatalog(source: CatalogSource): string {
  const names = new Map<string, number>();
  const efforts = new Map<string, number>([["[]", 0]]);
  const rows = source.providers.map((provider) =>
    providerRow(
      provider,
      (name) => internValue(names, name),
      (words) => internValue(efforts, JSON.stringify(words)),
    ),
  );
  const shared: SharedRow = {
    version: 1,
    generated: source.meta.generated,
    names: [...names.keys()],
    efforts: [...efforts.keys()].map((words) => JSON.parse(words) as string[]),
  };
  return `[\n${[shared, ...rows].map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;
}

function internValue(table: Map<string, number>, text: string): number {
  const known = table.get(text) ?? table.size;
  table.set(text, known);
  return known;
}

type NumberOf<T> = (value: T) => number;

function providerRow(
  provider: CatalogSource["providers"][number],
  nameOf: NumberOf<string>,
  effortsOf: NumberOf<string[]>,
): ProviderRow {
  const keys = [
    ...provider.env.filter((name) => !notAKey.test(name) && !provider.baseUrl?.includes(`{${name}}`)),
    ...(extraKeys[provider.id] ?? []),
  ];
  const header = Object.entries(provider.headers ?? {}).flatMap(([name, value]) => {
    const before = keys.map((key) => value.indexOf(`{${key}}`)).find((at) => at >= 0);
    return before === undefined ? [] : [[name, value.slice(0, before)] as [string, string]];
  })[0];
  const note = explanations[provider.id] ?? provider.note ?? "";
  return {
    id: provider.id,
    name: provider.name,
    category: provider.category,
    ...(provider.baseUrl !== null && { baseUrl: provider.baseUrl }),
    ...(keys.length > 0 && { keys }),
    ...(header && { keyHeader: header }),
    ...((provider.auth.includes("none") || provider.category === "local") && { open: true as const }),
    ...(provider.docs && { docs: provider.docs }),
    ...(note !== "" && { note }),
    ...(!provider.openaiCompatible && { reason: note || provider.reason || "It does not support chat completions." }),
    ...(provider.excludedModels && { excluded: provider.excludedModels }),
    models: provider.models.map((model) => modelRow(model, nameOf, effortsOf)),
  };
}

function modelRow(
  model: z.infer<typeof sourceModel>,
  nameOf: NumberOf<string>,
  effortsOf: NumberOf<string[]>,
): ModelRow {
  const { id, name, cost, requestId, baseUrl, inputLimit } = model;
  const context = model.context ?? 0;
  const flags =
    (model.toolCall ? modelFlags.tools : 0) |
    (model.reasoning ? modelFlags.reasoning : 0) |
    (model.vision ? modelFlags.vision : 0) |
    (model.reasoningField === "reasoning_content" ? modelFlags.thinksInContentField : 0) |
    (model.reasoningField === "reasoning_details" ? modelFlags.thinksInDetails : 0) |
    (model.toolsEffort === "none" ? modelFlags.noEffortWithTools : 0) |
    (model.status === undefined ? 0 : modelFlags.early);
  const more = {
    ...(requestId !== undefined && { requestId }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(inputLimit !== undefined && (context === 0 || inputLimit < context) && { inputLimit }),
  };
  const row: ModelRow = [id, nameOf(name), context, model.output ?? 0, flags, parseDay(model.releaseDate)];
  const rest = [cost ? price(cost) : 0, effortsOf(model.efforts ?? []), Object.keys(more).length > 0 ? more : 0];
  while (rest.at(-1) === 0) rest.pop();
  return [...row, ...rest] as ModelRow;
}

function price(cost: NonNullable<z.infer<typeof sourceModel>["cost"]>): number[] {
  const numbers = [cost.input, cost.output, cost.cacheRead ?? -1, cost.cacheWrite ?? -1];
  while (numbers.at(-1) === -1) numbers.pop();
  return numbers;
}

/** `2026-04-21` → 260421; missing parts count as 0. */
function parseDay(date: string): number {
  const [year = "", month = "0", day = "0"] = date.split("-");
  const days = Number(year.slice(2)) * 10_000 + Number(month) * 100 + Number(day);
  return Number.isFinite(days) ? days : 0;
}

const rowSize = z.number().nonnegative();
const rowPrice = z.union([z.literal(0), z.array(z.number()).min(2).max(4)]);
const rowExtras = z.strictObject({
  requestId: z.string().optional(),
  baseUrl: z.string().optional(),
  inputLimit: rowSize.optional(),
});
const modelRowSchema = z.union([
  z.tuple([z.string(), rowSize, rowSize, rowSize, rowSize, rowSize]),
  z.tuple([z.string(), rowSize, rowSize, rowSize, rowSize, rowSize, rowPrice]),
  z.tuple([z.string(), rowSize, rowSize, rowSize, rowSize, rowSize, rowPrice, rowSize]),
  z.tuple([
    z.string(),
    rowSize,
    rowSize,
    rowSize,
    rowSize,
    rowSize,
    rowPrice,
    rowSize,
    z.union([z.literal(0), rowExtras]),
  ]),
]);

const sharedRowSchema = z.strictObject({
  version: z.literal(1),
  generated: z.string(),
  names: z.array(z.string()),
  efforts: z.array(z.array(z.string())),
});

const addressSchema = z.string().regex(/^(https?:\/\/|\{)/);

const providerRowSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  name: z.string(),
  category: z.string(),
  baseUrl: addressSchema.optional(),
  keys: z.array(z.string()).optional(),
  keyHeader: z.tuple([z.string(), z.string()]).optional(),
  open: z.literal(true).optional(),
  docs: z.string().optional(),
  note: z.string().optional(),
  reason: z.string().optional(),
  excluded: z.array(z.string()).optional(),
  models: z.array(modelRowSchema),
});

const catalogSchema = z.tuple([sharedRowSchema]).rest(providerRowSchema);

/** Validates an encoded catalog row by row and returns it in the layout that is parsed line by line; null if it is invalid. */
export function normalizeCatalog(value: unknown): string | null {
  const read = catalogSchema.safeParse(value);
  return read.success ? `[\n${read.data.map((row) => JSON.stringify(row)).join(",\n")}\n]\n` : null;
}
