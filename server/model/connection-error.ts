/** Maps connection errors (DNS, refused and reset connections, certificates) to a failure with a message. Pure. */
import type { RequestError } from "./request-error.ts";

interface ConnectionRule {
  kind: "network" | "tls" | "timeout" | "auth";
  retry: RequestError["retry"];
  message(host: string): string;
}

const tls = (message: (host: string) => string): ConnectionRule => ({ kind: "tls", retry: "never", message });
const net = (message: (host: string) => string): ConnectionRule => ({ kind: "network", retry: "network", message });

const selfSigned = tls(
  (host) => `${host} uses a self-signed certificate. If you trust it, add its authority to NODE_EXTRA_CA_CERTS.`,
);
const unknownIssuer = tls(
  (host) =>
    `The certificate of ${host} is from an unknown authority. If you trust it, add the authority to NODE_EXTRA_CA_CERTS.`,
);
const reset = net((host) => `${host} closed the connection; check the network and try again.`);
const unreachable = net((host) => `No route to ${host}; check the network, VPN or proxy and try again.`);

const byCode: Record<string, ConnectionRule> = {
  ENOTFOUND: net((host) => `Cannot resolve ${host}; check the base URL and the network.`),
  EAI_AGAIN: net((host) => `Cannot resolve ${host} at the moment; check the network or DNS and try again.`),
  ECONNREFUSED: net(
    (host) => `${host} refused the connection; check that the server is running and the port is correct.`,
  ),
  ECONNRESET: reset,
  EPIPE: reset,
  ETIMEDOUT: net((host) => `The connection to ${host} timed out; check the network, VPN or proxy.`),
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ERR_PROXY_TUNNEL: net((host) => `The proxy refused a tunnel to ${host}; check HTTPS_PROXY and NO_PROXY.`),
  ERR_PROXY_INVALID_CONFIG: net(() => "The proxy address is not a URL; check HTTP_PROXY and HTTPS_PROXY."),
  ERR_INVALID_CHAR: {
    kind: "auth",
    retry: "never",
    message: (host) =>
      `The key or a header for ${host} contains an invalid character, such as a line break; set it again.`,
  },
  CERT_HAS_EXPIRED: tls((host) => `The certificate of ${host} has expired; ask its owner to renew it.`),
  CERT_NOT_YET_VALID: tls((host) => `The certificate of ${host} is not valid yet; check this machine's clock.`),
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  ERR_TLS_CERT_ALTNAME_INVALID: tls(
    (host) => `The certificate of ${host} is for another host; check the base URL and for an intercepting proxy.`,
  ),
  CERT_REVOKED: tls((host) => `The certificate of ${host} was revoked; do not use this endpoint.`),
};

function findErrorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(findErrorCode).filter((code) => code !== "");
    return codes[0] ?? "";
  }
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

export function classifyConnectionError(error: unknown, host: string): RequestError {
  const code = findErrorCode(error);
  const rule = byCode[code];
  if (rule !== undefined) return { failure: { kind: rule.kind, message: rule.message(host) }, retry: rule.retry };
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_)/.test(code)) {
    return {
      failure: {
        kind: "tls",
        message: `Cannot open a secure connection to ${host} (${code}); check https and the port.`,
      },
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
