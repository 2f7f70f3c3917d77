/**
 * OAuth client provider for a plugin over HTTP: client registration and tokens, stored by the server's URL and issuer. A token is
 * only sent to the server that it was issued for.
 */
import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/sdk/client/auth.js";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import type { Keys } from "../model/keys.ts";
import { randomHex } from "../node/random.ts";
import { isSameIssuer } from "./oauth-callback.ts";

interface StoredCredentials {
  client?: OAuthClientInformationMixed;
  tokens?: OAuthTokens;
  discovery?: OAuthDiscoveryState;
}

/** The browser in which the user authorizes; null if there is no user. */
export interface Browser {
  /** The redirect URI, on this machine. */
  redirectUrl: string;
  open(url: URL, state: string): void;
}

export interface OAuthOptions {
  /** The plugin's name. */
  name: string;
  server: URL;
  keys: Pick<Keys, "find" | "store" | "forget">;
  browser: Browser | null;
  /** URL of the client ID metadata document, if there is one. */
  clientMetadataUrl?: string;
  /** A client that the user registered in advance. */
  client?: OAuthClientInformationMixed;
}

export const getKeyName = (plugin: string): string => `plugin:${plugin}`;

/** The error if a login is needed but not possible here. */
export const formatLoginHint = (name: string): string =>
  `the plugin ${name} requires you to log in: \`tutti plugins login ${name}\``;

export async function createOAuthProvider(options: OAuthOptions): Promise<OAuthClientProvider> {
  const { name, server, keys, browser } = options;
  const keyQuery = { provider: getKeyName(name), names: [], origin: server.href };
  const found = await keys.find(keyQuery);
  let stored: StoredCredentials = found ? (JSON.parse(found.key) as StoredCredentials) : {};
  let codeVerifier = "";
  let state = "";
  const store = async (changes: StoredCredentials): Promise<void> => {
    stored = { ...stored, ...changes };
    await keys.store(keyQuery.provider, keyQuery.origin, JSON.stringify(stored));
  };
  return {
    ...(options.clientMetadataUrl !== undefined && { clientMetadataUrl: options.clientMetadataUrl }),
    get redirectUrl() {
      return browser?.redirectUrl ?? "http://127.0.0.1/callback";
    },
    get clientMetadata() {
      return {
        client_name: "Tutti",
        redirect_uris: [browser?.redirectUrl ?? "http://127.0.0.1/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      };
    },
    state() {
      state = randomHex(16);
      return state;
    },
    clientInformation: () => options.client ?? stored.client,
    saveClientInformation: (client) => store({ client }),
    tokens: () => stored.tokens,
    saveTokens: (tokens) => store({ tokens }),
    redirectToAuthorization(url) {
      if (!browser) throw new Error(formatLoginHint(name));
      browser.open(url, state);
    },
    saveCodeVerifier(text) {
      codeVerifier = text;
    },
    codeVerifier: () => codeVerifier,
    async saveDiscoveryState(discovery) {
      validateDiscovery(discovery);
      await store({ discovery });
    },
    discoveryState: () => stored.discovery,
    async invalidateCredentials(scope) {
      const { client, tokens, discovery } = stored;
      const rest: StoredCredentials = {
        ...(client && scope !== "all" && scope !== "client" && { client }),
        ...(tokens && scope !== "all" && scope !== "tokens" && { tokens }),
        ...(discovery && scope !== "all" && scope !== "discovery" && { discovery }),
      };
      stored = {};
      await store(rest);
    },
  };
}

/**
 * Announced metadata must exist: otherwise the SDK would fall back to a location that was not announced. And metadata with another
 * issuer could redirect that issuer's codes to its author. Servers without protected resource metadata are known by their own URL
 * only.
 */
function validateDiscovery(discovery: OAuthDiscoveryState): void {
  const { resourceMetadata, resourceMetadataUrl, authorizationServerUrl, authorizationServerMetadata } = discovery;
  if (!resourceMetadata && resourceMetadataUrl !== undefined)
    throw new Error(`its server's login metadata at ${resourceMetadataUrl} cannot be used`);
  const issuer = authorizationServerMetadata?.issuer;
  if (issuer === undefined || !resourceMetadata || isSameIssuer(issuer, authorizationServerUrl)) return;
  throw new Error(`${authorizationServerUrl} claims to be ${issuer}, so the login is refused`);
}
