/** Resolves a provider: its catalog row with the configuration merged over it and the address filled in. Pure. */
import { TuttiError } from "../../protocol/errors.ts";
import type { ProviderConfig } from "../config/schema.ts";
import type { CatalogProvider } from "./catalog.ts";
import { isPrivateHost } from "./private-address.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Endpoint {
  id: string;
  name: string;
  baseUrl: string;
  origin: string;
  keyHeader: string;
  /** Prefix of the key in a header other than Authorization. */
  keyPrefix: string;
  keyNames: string[];
  /** False if the address is not the provider's address, so its key must not be sent there. */
  ownOrigin: boolean;
  /** No key is needed. */
  keyOptional: boolean;
  local: boolean;
  config: ProviderConfig | null;
  row: CatalogProvider | null;
}

export interface LocalAddress {
  provider: string;
  baseUrl: string;
}

/** Default addresses of local model servers. llama.cpp and LocalAI share a port; discover.ts tells them apart by their responses. */
export const defaultLocalAddresses: readonly LocalAddress[] = [
  { provider: "ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { provider: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1" },
  { provider: "vllm", baseUrl: "http://127.0.0.1:8000/v1" },
  { provider: "llamacpp", baseUrl: "http://127.0.0.1:8080/v1" },
];

/** Variables used when the one in the address is not set. */
const aliases: Record<string, string> = { AWS_REGION: "AWS_DEFAULT_REGION" };

/** The variable to name in messages when the address uses a derived one. */
const userVariables: Record<string, string> = { GOOGLE_VERTEX_ENDPOINT: "GOOGLE_VERTEX_LOCATION" };

/** Replaces `{NAME}` with variables. Throws a `config` error that names the first missing one. */
export function fillAddress(template: string, provider: string, env: Environment): string {
  return template.replace(/\{([A-Z0-9_]+)\}/g, (_, name: string) => {
    const value = env[name] ?? env[aliases[name] ?? ""] ?? deriveVariable(name, env);
    if (value === undefined || value === "") {
      throw new TuttiError(
        "config",
        `The address of ${provider} needs ${userVariables[name] ?? name}. Set that variable, or set providers.${provider}.baseUrl.`,
      );
    }
    return name.endsWith("_HOST") ? value.replace(/^https?:\/\//, "").replace(/\/+$/, "") : value;
  });
}

function deriveVariable(name: string, env: Environment): string | undefined {
  const location = env.GOOGLE_VERTEX_LOCATION;
  if (name !== "GOOGLE_VERTEX_ENDPOINT" || !location) return undefined;
  return location === "global" ? "aiplatform.googleapis.com" : `${location}-aiplatform.googleapis.com`;
}

export function resolveEndpoint(
  id: string,
  config: ProviderConfig | null,
  row: CatalogProvider | null,
  env: Environment,
): Endpoint {
  const address = config?.baseUrl ?? findBaseUrl(id, row, env);
  if (address === undefined) {
    if (row?.reason !== undefined) throw new TuttiError("config", `${row.name} cannot be used: ${row.reason}`);
    throw new TuttiError("config", `The provider ${id} has no address. Set providers.${id}.baseUrl.`);
  }
  const baseUrl = address
    .replace(/\/+$/, "")
    .replace(/\/chat\/completions$/, "")
    .replace(/\/+$/, "");
  const origin = getOrigin(baseUrl);
  const isPrivate = URL.canParse(baseUrl) && isPrivateHost(new URL(baseUrl).hostname) === "yes";
  return {
    id,
    name: config?.name ?? row?.name ?? id,
    baseUrl,
    origin,
    keyHeader: config?.keyHeader ?? row?.keyHeader?.[0] ?? "Authorization",
    keyPrefix: config?.keyHeader === undefined ? (row?.keyHeader?.[1] ?? "") : "",
    keyNames: row?.keys ?? [],
    ownOrigin: config?.baseUrl === undefined || row === null || isOwnOrigin(id, origin, row, env),
    keyOptional: row === null || row.open === true || isPrivate,
    local: config?.local ?? (isPrivate || row?.category === "local"),
    config,
    row,
  };
}

function findBaseUrl(id: string, row: CatalogProvider | null, env: Environment): string | undefined {
  if (id === "ollama" && env.OLLAMA_HOST) return parseOllamaHost(env.OLLAMA_HOST);
  return row?.baseUrl === undefined || row.reason !== undefined ? undefined : fillAddress(row.baseUrl, id, env);
}

/** Accepts what Ollama accepts in OLLAMA_HOST: a host, a port, both, or a URL. A wildcard address means this machine. */
export function parseOllamaHost(host: string): string {
  const whole = /^https?:\/\//.test(host) ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  if (!URL.canParse(whole)) return `${whole}/v1`;
  const url = new URL(whole);
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  if (url.port === "" && url.protocol === "http:" && !/:80\/?$/.test(whole)) url.port = "11434";
  return `${url.origin}/v1`;
}

function isOwnOrigin(id: string, origin: string, row: CatalogProvider, env: Environment): boolean {
  try {
    return getOrigin(findBaseUrl(id, row, env) ?? "") === origin;
  } catch (error) {
    if (error instanceof TuttiError) return false;
    throw error;
  }
}

export const getOrigin = (address: string): string => (URL.canParse(address) ? new URL(address).origin : address);
