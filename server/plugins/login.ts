/** A connection to a plugin over HTTP with a person at hand who logs in where its server asks for it, also in the middle of a call. */
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { isPage } from "../../protocol/page.ts";
import type { Clock } from "../ports.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { type HttpTransport, httpTransport } from "./http-transport.ts";
import type { PluginEars, PluginLink } from "./link.ts";
import { type OAuthParts, oauthProvider } from "./oauth.ts";
import { type Expected, listenForCallback } from "./oauth-callback.ts";
import type { PluginSpec } from "./spec.ts";

export interface LoginParts extends Pick<OAuthParts, "keys" | "client" | "clientMetadataUrl"> {
  clock: Clock;
  ears: PluginEars;
  options: Omit<ConnectOptions, "transport">;
  /** Shows a page to the person. */
  open(url: URL): void;
}

/** A server that is never content is given up. */
const LOGINS_MOST = 3;

export async function connectWithLogin(spec: PluginSpec, parts: LoginParts): Promise<PluginLink> {
  const { clock, ears, options, open, ...means } = parts;
  const callback = await listenForCallback();
  let code: Promise<string> | null = null;
  const browser = {
    redirectUrl: callback.url,
    open(url: URL, state: string) {
      openable(url);
      code = callback.code(state, expected);
      code.catch(() => undefined);
      open(url);
    },
  };
  const server = new URL(spec.url ?? "");
  const provider = await oauthProvider({ name: spec.name, server, browser, ...means });
  const expected = (): Expected => {
    const known = provider.discoveryState?.();
    const metadata = known && !(known instanceof Promise) ? known.authorizationServerMetadata : undefined;
    const { authorization_response_iss_parameter_supported: named }: Record<string, unknown> = metadata ?? {};
    return { issuer: metadata?.issuer, named: named === true };
  };

  const again = async <T>(work: () => Promise<T>, transport: () => HttpTransport): Promise<T> => {
    for (let logins = 0; ; logins++) {
      try {
        return await work();
      } catch (error) {
        if (!unauthorized(error) || code === null || logins === LOGINS_MOST) throw error;
        const given = await code;
        code = null;
        await transport().finishAuth(given);
      }
    }
  };

  let transport = httpTransport(spec, provider, clock);
  try {
    const link = await again(
      () => {
        transport = httpTransport(spec, provider, clock);
        return connect(ears, { ...options, transport });
      },
      () => transport,
    );
    return {
      ...link,
      tools: () => again(link.tools, () => transport),
      call: (tool, input, asking) =>
        again(
          () => link.call(tool, input, asking),
          () => transport,
        ),
      async close() {
        callback.close();
        await link.close();
      },
    };
  } catch (error) {
    callback.close();
    throw error;
  }
}

const unauthorized = (error: unknown): boolean =>
  error instanceof UnauthorizedError || (error instanceof Error && error.cause instanceof UnauthorizedError);

/** Handed to a program that opens it. */
function openable(url: URL): void {
  if (isPage(url)) return;
  throw new Error(`the page to log in is at ${url.protocol}//${url.host}, which is not opened; only https is`);
}
