/** Everything about one model at one endpoint, as the adapter wants it: configuration over catalog, over what its server says. */
import type { CatalogModel } from "./catalog.ts";
import { compatFor } from "./compat.ts";
import { type Endpoint, type Environment, fillAddress } from "./endpoint.ts";
import type { Compat, Target } from "./target.ts";

export interface MadeTarget {
  target: Target;
  warnings: string[];
}

/** Servers whose true context is asked for, by their name or by a port that only they use. */
const kindsByPort: Readonly<Record<string, string>> = { "11434": "ollama", "1234": "lmstudio" };
const askedKinds = new Set(["ollama", "lmstudio", "llamacpp", "vllm"]);

export async function targetOf(at: Endpoint, name: string, key: string | null, env: Environment): Promise<MadeTarget> {
  const own = at.config?.models?.[name];
  const known = at.row?.models.find(({ id }) => id === name) ?? null;
  const warnings: string[] = [];
  if (known === null && own === undefined && at.row !== null && at.row.models.length > 0 && !at.local) {
    warnings.push(
      `${name} is not in the catalog of ${at.name}, so its context, price and abilities are not known; it is asked for as it is.`,
    );
  }
  const here = own?.context === undefined ? await roomAt(at, name, warnings) : null;
  const baseUrl =
    known?.baseUrl && at.config?.baseUrl === undefined ? fillAddress(known.baseUrl, at.id, env) : at.baseUrl;
  const requestId = own?.id ?? known?.requestId ?? name;
  const { cost } = own ?? {};
  const target: Target = {
    provider: at.id,
    model: name,
    requestId,
    baseUrl,
    ...(key !== null && { key: async () => at.keyBefore + key }),
    keyHeader: at.keyHeader,
    headers: at.config?.headers ?? {},
    query: at.config?.query ?? {},
    compat: {
      ...compatFor({ provider: at.id, baseUrl, model: requestId, local: at.local }),
      ...(known ? compatOf(known) : {}),
      ...at.config?.compat,
      ...own?.compat,
    },
    limits: {
      context: own?.context ?? here?.context ?? (at.local ? null : (known?.context ?? null)),
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
    tools: own?.toolCall ?? known?.tools ?? here?.tools ?? true,
    vision: own?.vision ?? known?.vision ?? here?.vision ?? false,
    reasoning: own?.reasoning ?? known?.reasoning ?? here?.reasoning ?? at.row !== null,
    local: at.local,
    ...(at.row?.docs !== undefined && { help: at.row.docs }),
    keyNames: at.keyNames,
  };
  return { target, warnings };
}

function compatOf({ thinksIn, noEffortWithTools, efforts }: CatalogModel): Compat {
  return {
    ...(thinksIn === "reasoning_details" && { reasoningDetails: true }),
    ...(noEffortWithTools && { toolsEffort: "none" as const }),
    ...(efforts && { efforts }),
  };
}

/** What was learned once counts for the process; a model that was not loaded yet is asked about again. */
const rooms = new Map<string, Room>();

interface Room {
  context?: number | null;
  tools?: boolean | null;
  vision?: boolean | null;
  reasoning?: boolean | null;
}

async function roomAt(at: Endpoint, name: string, warnings: string[]): Promise<Room | null> {
  if (!at.local || !URL.canParse(at.baseUrl)) return null;
  const kind = askedKinds.has(at.id) ? at.id : kindsByPort[new URL(at.baseUrl).port];
  if (kind === undefined) return null;
  const { askLocal, contextWarning } = await import("./discover.ts");
  const place = `${at.baseUrl} ${name}`;
  const room = rooms.get(place) ?? (await askLocal(kind, at.baseUrl, name));
  if (room?.context) rooms.set(place, room);
  const warning = contextWarning(kind, name, room?.context ?? null);
  if (warning !== null) warnings.push(warning);
  return room;
}
