/** Builds the target of one model at one endpoint: configuration over catalog over what a local server reports. */
import type { CatalogModel } from "./catalog.ts";
import { resolveCompat } from "./compat.ts";
import { type Endpoint, type Environment, fillAddress } from "./resolve-endpoint.ts";
import type { Compat, Target } from "./target.ts";

export interface TargetResult {
  target: Target;
  warnings: string[];
}

/** Local servers that report their real context size, by name or by a port that only they use. */
const kindsByPort: Readonly<Record<string, string>> = { "11434": "ollama", "1234": "lmstudio" };
const reportingKinds = new Set(["ollama", "lmstudio", "llamacpp", "vllm"]);

export type TargetResolver = (
  at: Endpoint,
  name: string,
  key: string | null,
  env: Environment,
) => Promise<TargetResult>;

/** Caches what local servers report about loaded models; a model that is not loaded yet is queried again. */
export function createTargetResolver(): TargetResolver {
  const loaded = new Map<string, LocalDetails>();
  return (at, name, key, env) => resolveTarget(at, name, key, env, loaded);
}

async function resolveTarget(
  at: Endpoint,
  name: string,
  key: string | null,
  env: Environment,
  loaded: Map<string, LocalDetails>,
): Promise<TargetResult> {
  const own = at.config?.models?.[name];
  const known = at.row?.models.find(({ id }) => id === name) ?? null;
  const warnings: string[] = [];
  if (known === null && own === undefined && at.row !== null && at.row.models.length > 0 && !at.local) {
    warnings.push(
      `${name} is not in the catalog of ${at.name}, so its context, price and capabilities are unknown. The name is sent as is.`,
    );
  }
  const local = own?.context === undefined ? await queryDetails(at, name, warnings, loaded) : null;
  const baseUrl =
    known?.baseUrl && at.config?.baseUrl === undefined ? fillAddress(known.baseUrl, at.id, env) : at.baseUrl;
  const requestId = own?.id ?? known?.requestId ?? name;
  const { cost } = own ?? {};
  const target: Target = {
    provider: at.id,
    model: name,
    requestId,
    baseUrl,
    ...(key !== null && { key: async () => at.keyPrefix + key }),
    keyHeader: at.keyHeader,
    headers: at.config?.headers ?? {},
    query: at.config?.query ?? {},
    compat: {
      ...resolveCompat({ provider: at.id, baseUrl, model: requestId, local: at.local }),
      ...(known ? compatOf(known) : {}),
      ...at.config?.compat,
      ...own?.compat,
    },
    limits: {
      context: own?.context ?? local?.context ?? (at.local ? null : (known?.context ?? null)),
      output: own?.output ?? known?.output ?? null,
    },
    price: cost
      ? {
          input: cost.input ?? 0,
          output: cost.output ?? 0,
          ...(cost.cached !== undefined && { cached: cost.cached }),
          ...(cost.cacheWrite !== undefined && { cacheWrite: cost.cacheWrite }),
        }
      : (known?.price ?? null),
    tools: own?.toolCall ?? known?.tools ?? local?.tools ?? true,
    vision: own?.vision ?? known?.vision ?? local?.vision ?? false,
    reasoning: own?.reasoning ?? known?.reasoning ?? local?.reasoning ?? at.row !== null,
    local: at.local,
    ...(at.row?.docs !== undefined && { help: at.row.docs }),
    keyNames: at.keyNames,
  };
  return { target, warnings };
}

function compatOf({ reasoningField, noEffortWithTools, efforts }: CatalogModel): Compat {
  return {
    ...(reasoningField === "reasoning_details" && { reasoningDetails: true }),
    ...(noEffortWithTools && { toolsEffort: "none" as const }),
    ...(efforts && { efforts }),
  };
}

interface LocalDetails {
  context?: number | null;
  tools?: boolean | null;
  vision?: boolean | null;
  reasoning?: boolean | null;
}

async function queryDetails(
  at: Endpoint,
  name: string,
  warnings: string[],
  loaded: Map<string, LocalDetails>,
): Promise<LocalDetails | null> {
  if (!at.local || !URL.canParse(at.baseUrl)) return null;
  const kind = reportingKinds.has(at.id) ? at.id : kindsByPort[new URL(at.baseUrl).port];
  if (kind === undefined) return null;
  const { queryLocalModel, describeSmallContext } = await import("./discover.ts");
  const cacheKey = `${at.baseUrl} ${name}`;
  const details = loaded.get(cacheKey) ?? (await queryLocalModel(kind, at.baseUrl, name));
  if (details?.context) loaded.set(cacheKey, details);
  const warning = describeSmallContext(kind, name, details?.context ?? null);
  if (warning !== null) warnings.push(warning);
  return details;
}
