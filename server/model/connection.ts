/** Failures below HTTP in words: names that do not resolve, refused and reset connections, each kind of bad certificate. Pure. */
import type { Trouble } from "./trouble.ts";

interface Words {
  kind: "network" | "tls" | "timeout" | "auth";
  retry: Trouble["retry"];
  say(host: string): string;
}

const tls = (say: (host: string) => string): Words => ({ kind: "tls", retry: "never", say });
const net = (say: (host: string) => string): Words => ({ kind: "network", retry: "network", say });

const selfSigned = tls(
  (host) => `${host} shows a self-signed certificate; if you trust it, name its authority in NODE_EXTRA_CA_CERTS.`,
);
const unknownIssuer = tls(
  (host) =>
    `The certificate of ${host} comes from an authority this machine does not know; name it in NODE_EXTRA_CA_CERTS if you trust it.`,
);
const reset = net((host) => `${host} closed the connection; check the network and try again.`);
const unreachable = net((host) => `No route to ${host}; check the network, VPN or proxy and try again.`);

const byCode: Record<string, Words> = {
  ENOTFOUND: net((host) => `The name ${host} was not found; check the base URL and the network.`),
  EAI_AGAIN: net((host) => `The name ${host} could not be looked up just now; check the network or DNS and try again.`),
  ECONNREFUSED: net(
    (host) => `${host} refused the connection; check that a server is running there and the port is right.`,
  ),
  ECONNRESET: reset,
  EPIPE: reset,
  ETIMEDOUT: net((host) => `${host} did not answer the connection in time; check the network, VPN or proxy.`),
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ERR_PROXY_TUNNEL: net((host) => `The proxy would not open a tunnel to ${host}; check HTTPS_PROXY and NO_PROXY.`),
  ERR_PROXY_INVALID_CONFIG: net(() => "The proxy address is not a URL; check HTTP_PROXY and HTTPS_PROXY."),
  ERR_INVALID_CHAR: {
    kind: "auth",
    retry: "never",
    say: (host) =>
      `The key for ${host}, or a header of its own, holds a character that cannot be sent, such as a line end; set it anew.`,
  },
  CERT_HAS_EXPIRED: tls((host) => `The certificate of ${host} has expired; its owner must renew it.`),
  CERT_NOT_YET_VALID: tls((host) => `The certificate of ${host} is not valid yet; check this machine's clock.`),
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  ERR_TLS_CERT_ALTNAME_INVALID: tls(
    (host) => `The certificate of ${host} is for another host; check the base URL, or somebody is in between.`,
  ),
  CERT_REVOKED: tls((host) => `The certificate of ${host} was revoked; do not send anything there.`),
};

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(codeOf).filter((code) => code !== "");
    return codes[0] ?? "";
  }
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

export function connectionTrouble(error: unknown, host: string): Trouble {
  const code = codeOf(error);
  const words = byCode[code];
  if (words !== undefined) return { failure: { kind: words.kind, message: words.say(host) }, retry: words.retry };
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_)/.test(code)) {
    return {
      failure: { kind: "tls", message: `No secure connection to ${host} (${code}); check https and the port.` },
      retry: "never",
    };
  }
  if (code.startsWith("HPE_")) {
    return {
      failure: { kind: "protocol", message: `${host} does not speak HTTP (${code}); check the base URL.` },
      retry: "never",
    };
  }
  const detail = code === "" ? "" : ` (${code})`;
  return {
    failure: {
      kind: "network",
      message: `The connection to ${host} failed${detail}; check the network and try again.`,
    },
    retry: "network",
  };
}
