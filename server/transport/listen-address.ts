/** The address of the TCP listener, and the host names that clients may use for it. Pure. */
import { TuttiError } from "../../protocol/errors.ts";

export interface Address {
  host: string;
  port: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

export function parseAddress(listen: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw new TuttiError("usage", `--listen needs HOST:PORT, such as 127.0.0.1:7700; got ${JSON.stringify(listen)}.`);
  return { host, port: Number(port) };
}

/** Off this machine, the token must be encrypted. */
export function requireTls({ host }: Address, tls: boolean): void {
  if (tls || LOOPBACK.test(host)) return;
  throw new TuttiError(
    "usage",
    `${host} is reachable from other machines; pass --tls-cert and --tls-key, or --behind-tls-proxy.`,
  );
}

/** Allowed values of `Host`. Clients leave out the default port of a scheme. */
export function allowedHosts({ host, port }: Address, more: readonly string[], tls: boolean): Set<string> {
  const shown = (name: string): string => (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name);
  const own = ["localhost", "127.0.0.1", "[::1]", ...(/^(0\.0\.0\.0|::)$/.test(host) ? [] : [shown(host)])];
  const names = [...own.map((name) => `${name}:${port}`), ...more];
  const standard = port === (tls ? 443 : 80) ? own : [];
  return new Set([...names, ...standard].map((name) => name.toLowerCase()));
}
