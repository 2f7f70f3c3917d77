/**
 * OAuth for a plugin over HTTP: who we are to its server, and the tokens, kept by the server's address and its issuer. A token goes to
 * the server that it was made for and to nobody else.
 */
import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/sdk/client/auth.js";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import type { Keys } from "../model/keys.ts";
import { randomHex } from "../node/random.ts";
import { sameIssuer } from "./oauth-callback.ts";

interface Kept {
  client?: OAuthClientInformationMixed;
  tokens?: OAuthTokens;
  discovery?: OAuthDiscoveryState;
}

/** Where a person says yes in a browser; null where nobody is there to do so. */
export interface Browser {
  /** Where the answer arrives: an address of this machine. */
  redirectUrl: string;
  open(url: URL, state: string): void;
}

export interface OAuthParts {
  /** The plugin's name. */
  name: string;
  server: URL;
  keys: Pick<Keys, "find" | "store" | "forget">;
  browser: Browser | null;
  /** The address of a document that says who we are, where there is one. */
  clientMetadataUrl?: string;
  /** A client that the person registered there beforehand. */
  client?: OAuthClientInformationMixed;
}

export const keyName = (plugin: string): string => `plugin:${plugin}`;

/** What is said where a person has to log in, and nobody was asked to. */
export const loginNeeded = (name: string): string =>
  `the plugin ${name} needs you to log in: \`tutti plugins login ${name}\``;

export async function oauthProvider(parts: OAuthParts): Promise<OAuthClientProvider> {
  const { name, server, keys, browser } = parts;
  const question = { provider: keyName(name), names: [], origin: server.href };
  const found = await keys.find(question);
  let kept: Kept = found ? (JSON.parse(found.key) as Kept) : {};
  let verifier = "";
  let state = "";
  const keep = async (more: Kept): Promise<void> => {
    kept = { ...kept, ...more };
    await keys.store(question.provider, question.origin, JSON.stringify(kept));
  };
  return {
    ...(parts.clientMetadataUrl !== undefined && { clientMetadataUrl: parts.clientMetadataUrl }),
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
    clientInformation: () => parts.client ?? kept.client,
    saveClientInformation: (client) => keep({ client }),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => keep({ tokens }),
    redirectToAuthorization(url) {
      if (!browser) throw new Error(loginNeeded(name));
      browser.open(url, state);
    },
    saveCodeVerifier(text) {
      verifier = text;
    },
    codeVerifier: () => verifier,
    async saveDiscoveryState(discovery) {
      believable(discovery);
      await keep({ discovery });
    },
    discoveryState: () => kept.discovery,
    async invalidateCredentials(scope) {
      const { client, tokens, discovery } = kept;
      const rest: Kept = {
        ...(client && scope !== "all" && scope !== "client" && { client }),
        ...(tokens && scope !== "all" && scope !== "tokens" && { tokens }),
        ...(discovery && scope !== "all" && scope !== "discovery" && { discovery }),
      };
      kept = {};
      await keep(rest);
    },
  };
}

/**
 * What a server announces has to be there: without it, another place would be looked at that nobody named. And a document that names
 * somebody else as its issuer would have that one's codes sent to its own author. Servers from before protected resources had metadata are
 * only known by their own address.
 */
function believable(discovery: OAuthDiscoveryState): void {
  const { resourceMetadata, resourceMetadataUrl, authorizationServerUrl, authorizationServerMetadata } = discovery;
  if (!resourceMetadata && resourceMetadataUrl !== undefined)
    throw new Error(`what its server says at ${resourceMetadataUrl} about logging in cannot be used`);
  const issuer = authorizationServerMetadata?.issuer;
  if (issuer === undefined || !resourceMetadata || sameIssuer(issuer, authorizationServerUrl)) return;
  throw new Error(`${authorizationServerUrl} says that it is ${issuer}, so nobody is logged in there`);
}
