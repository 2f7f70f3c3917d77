/**
 * A provider with short-lived keys: the plugin gets a token from a token endpoint (OAuth 2.0, client credentials) whenever Tutti
 * needs one. Copy it for an endpoint that requires your company's login.
 */
import { plugin } from "../sdk/plugin.ts";
import { fetchToken } from "./token.ts";

const { env } = process;

void plugin({
  name: "provider-example",
  version: "1.0.0",
  title: "Provider with short-lived tokens",
  providers: {
    list: () => ({ example: { baseUrl: env.PROVIDER_EXAMPLE_URL ?? "http://127.0.0.1:8080/v1" } }),
    token: (_, { signal }) =>
      fetchToken(
        {
          url: env.PROVIDER_EXAMPLE_TOKEN_URL,
          id: env.PROVIDER_EXAMPLE_CLIENT_ID,
          secret: env.PROVIDER_EXAMPLE_CLIENT_SECRET,
          scope: env.PROVIDER_EXAMPLE_SCOPE,
        },
        signal,
      ),
  },
}).serve();
