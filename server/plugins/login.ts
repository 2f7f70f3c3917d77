/** Connects to a plugin over HTTP and logs the user in (OAuth) if its server requires it, also in the middle of a call. */
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { isPage } from "../../protocol/page.ts";
import type { PluginSpec } from "../config/plugin-spec.ts";
import type { Clock } from "../ports.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { createHttpTransport, type HttpTransport } from "./http-transport.ts";
import { type ExpectedIssuer, listenForCallback } from "./oauth-callback.ts";
import { createOAuthProvider, type OAuthOptions } from "./oauth-client-provider.ts";
import type { PluginConnection, PluginEvents } from "./plugin-connection.ts";

export interface LoginDeps extends Pick<OAuthOptions, "keys" | "client" | "clientMetadataUrl"> {
  clock: Clock;
  events: PluginEvents;
  options: Omit<ConnectOptions, "transport">;
  /** Opens a page in the user's browser. */
  open(url: URL): void;
}

/** Limit for a server that rejects every login. */
const MAX_LOGINS = 3;

export async function connectWithLogin(spec: PluginSpec, deps: LoginDeps): Promise<PluginConnection> {
  const { clock, events, options, open, ...oauthOptions } = deps;
  const callback = await listenForCallback();
  let code: Promise<string> | null = null;
  const browser = {
    redirectUrl: callback.url,
    open(url: URL, state: string) {
      assertOpenable(url);
      code = callback.waitForCode(state, expected);
      code.catch(() => undefined);
      open(url);
    },
  };
  const server = new URL(spec.url ?? "");
  const provider = await createOAuthProvider({ name: spec.name, server, browser, ...oauthOptions });
  const expected = (): ExpectedIssuer => {
    const state = provider.discoveryState?.();
    const metadata = state && !(state instanceof Promise) ? state.authorizationServerMetadata : undefined;
    const { authorization_response_iss_parameter_supported: alwaysSendsIssuer }: Record<string, unknown> =
      metadata ?? {};
    return { issuer: metadata?.issuer, requiresIssuer: alwaysSendsIssuer === true };
  };

  const retryWithLogin = async <T>(work: () => Promise<T>, transport: () => HttpTransport): Promise<T> => {
    for (let logins = 0; ; logins++) {
      try {
        return await work();
      } catch (error) {
        if (!isUnauthorized(error) || code === null || logins === MAX_LOGINS) throw error;
        const authorizationCode = await code;
        code = null;
        await transport().finishAuth(authorizationCode);
      }
    }
  };

  let transport = createHttpTransport(spec, provider, clock);
  try {
    const connection = await retryWithLogin(
      () => {
        transport = createHttpTransport(spec, provider, clock);
        return connect(events, { ...options, transport });
      },
      () => transport,
    );
    return {
      ...connection,
      tools: () => retryWithLogin(connection.tools, () => transport),
      call: (tool, input, options) =>
        retryWithLogin(
          () => connection.call(tool, input, options),
          () => transport,
        ),
      async close() {
        callback.close();
        await connection.close();
      },
    };
  } catch (error) {
    callback.close();
    throw error;
  }
}

const isUnauthorized = (error: unknown): boolean =>
  error instanceof UnauthorizedError || (error instanceof Error && error.cause instanceof UnauthorizedError);

/** Only http and https pages are passed to the browser. */
function assertOpenable(url: URL): void {
  if (isPage(url)) return;
  throw new Error(`the login page is at ${url.protocol}//${url.host}, which is not opened; only https is allowed`);
}
