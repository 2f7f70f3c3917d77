/** One provider as it is here: the row of the catalog with the configuration laid over it, its address filled in. Pure. */
import { TuttiError } from "../../protocol/errors.ts";
import type { ProviderConfig } from "../config/schema.ts";
import { isPrivateHost } from "./address.ts";
import type { CatalogProvider } from "./catalog.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Endpoint {
  id: string;
  name: string;
  baseUrl: string;
  origin: string;
  keyHeader: string;
  /** Stands before the key in a header that is not Authorization. */
  keyBefore: string;
  keyNames: string[];
  /** False where the key that belongs to this provider must not go: the address is not the provider's own. */
  ownOrigin: boolean;
  /** No key is needed. */
  open: boolean;
  local: boolean;
  config: ProviderConfig | null;
  row: CatalogProvider | null;
}

/** Names that stand for another one in an address. */
const also: Record<string, string> = { AWS_REGION: "AWS_DEFAULT_REGION" };

/** What a person sets where an address is made of something else. */
const asked: Record<string, string> = { GOOGLE_VERTEX_ENDPOINT: "GOOGLE_VERTEX_LOCATION" };

/** Puts variables into `{NAME}`; throws a sentence that names the first one missing. */
export function fillAddress(template: string, provider: string, env: Environment): string {
  return template.replace(/\{([A-Z0-9_]+)\}/g, (_, name: string) => {
    const value = env[name] ?? env[also[name] ?? ""] ?? derived(name, env);
    if (value === undefined || value === "") {
      throw new TuttiError(
        "config",
        `The address of ${provider} needs ${asked[name] ?? name}: set that variable, or write the whole address into providers.${provider}.baseUrl.`,
      );
    }
    return name.endsWith("_HOST") ? value.replace(/^https?:\/\//, "").replace(/\/+$/, "") : value;
  });
}

function derived(name: string, env: Environment): string | undefined {
  const location = env.GOOGLE_VERTEX_LOCATION;
  if (name !== "GOOGLE_VERTEX_ENDPOINT" || !location) return undefined;
  return location === "global" ? "aiplatform.googleapis.com" : `${location}-aiplatform.googleapis.com`;
}

export function endpointOf(
  id: string,
  config: ProviderConfig | null,
  row: CatalogProvider | null,
  env: Environment,
): Endpoint {
  const own = config?.baseUrl ?? addressOf(id, row, env);
  if (own === undefined) {
    if (row?.reason !== undefined) throw new TuttiError("config", `${row.name} cannot be used: ${row.reason}`);
    throw new TuttiError("config", `The provider ${id} has no address; set providers.${id}.baseUrl.`);
  }
  const baseUrl = own
    .replace(/\/+$/, "")
    .replace(/\/chat\/completions$/, "")
    .replace(/\/+$/, "");
  const origin = originOf(baseUrl);
  const near = URL.canParse(baseUrl) && isPrivateHost(new URL(baseUrl).hostname) === "yes";
  return {
    id,
    name: config?.name ?? row?.name ?? id,
    baseUrl,
    origin,
    keyHeader: config?.keyHeader ?? row?.keyHeader?.[0] ?? "Authorization",
    keyBefore: config?.keyHeader === undefined ? (row?.keyHeader?.[1] ?? "") : "",
    keyNames: row?.keys ?? [],
    ownOrigin: config?.baseUrl === undefined || row === null || isOwn(id, origin, row, env),
    open: row === null || row.open === true || near,
    local: config?.local ?? (near || row?.category === "local"),
    config,
    row,
  };
}

function addressOf(id: string, row: CatalogProvider | null, env: Environment): string | undefined {
  if (id === "ollama" && env.OLLAMA_HOST) return ollamaAddress(env.OLLAMA_HOST);
  return row?.baseUrl === undefined || row.reason !== undefined ? undefined : fillAddress(row.baseUrl, id, env);
}

/** What Ollama itself understands: a host, a port, both, or an address; "everywhere" means here. */
export function ollamaAddress(host: string): string {
  const whole = /^https?:\/\//.test(host) ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  if (!URL.canParse(whole)) return `${whole}/v1`;
  const url = new URL(whole);
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  if (url.port === "" && url.protocol === "http:" && !/:80\/?$/.test(whole)) url.port = "11434";
  return `${url.origin}/v1`;
}

function isOwn(id: string, origin: string, row: CatalogProvider, env: Environment): boolean {
  try {
    return originOf(addressOf(id, row, env) ?? "") === origin;
  } catch (error) {
    if (error instanceof TuttiError) return false;
    throw error;
  }
}

export const originOf = (address: string): string => (URL.canParse(address) ? new URL(address).origin : address);
