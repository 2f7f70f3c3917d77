/** Placeholder until the listener is written below. */
import type { Wire } from "./wire.ts";

export interface WebOptions {
  /** `HOST:PORT`; port 0 takes any that is free. */
  listen: string;
  behindTlsProxy: boolean;
  /** Names, beside the loopback ones and that of `listen`, by which clients may call the server. */
  hosts: readonly string[];
  /** Web pages that may connect, as `scheme://host[:port]`. */
  origins: readonly string[];
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
}
export async function listenWeb(options: WebOptions, dataDir: string, take: (wire: Wire) => unknown) {
  void take;
  return { url: options.listen, tokenFile: dataDir, close: () => undefined };
}
