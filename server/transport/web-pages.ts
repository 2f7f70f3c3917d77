/** The web page of a server: listeners that clients asked for, and opened again after a restart while pages are signed in to them. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { ParamsOf, ResultOf } from "../../protocol/methods.ts";
import { parseAddress } from "./listen-address.ts";
import { readPageFiles } from "./page-files.ts";
import { createTickets, PAGE_TOKEN_MS } from "./page-token.ts";
import type { Transport } from "./transport.ts";
import { openWebListener, type WebListener, type WebOptions } from "./web-listener.ts";

type Where = ParamsOf<"webOpen">;

export interface WebPages {
  open(where: Where): Promise<ResultOf<"webOpen">>;
  opened(params: ParamsOf<"webOpened">): Promise<ResultOf<"webOpened">>;
  /** Opens the listeners of pages that are still signed in. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export interface WebPagesDeps {
  dataDir: string;
  accept(transport: Transport): unknown;
  report(problem: string): void;
}

/** A listener as it is stored. Without `listen` it is on loopback, at the port that it had before if that is free. */
interface StoredListener {
  where: Where;
  port: number;
  /** When the last page that was opened here is signed out. */
  until: number;
}

const STORE = "web-pages.json";

export function openWebPages({ dataDir, accept, report }: WebPagesDeps): WebPages {
  const tickets = createTickets(Date.now);
  const page = { files: readPageFiles(), redeem: tickets.redeem };
  const store = join(dataDir, STORE);
  const stored = new Map(readStore(store, report).map((one) => [keyOf(one.where), one]));
  const listeners = new Map<string, Promise<WebListener>>();

  const listenAt = (where: Where, port: number): Promise<WebListener> =>
    openWebListener(toOptions(where, port), dataDir, accept, page);
  const listen = (where: Where): Promise<WebListener> => {
    const key = keyOf(where);
    const known = listeners.get(key);
    if (known) return known;
    const port = stored.get(key)?.port ?? 0;
    const opening = listenAt(where, port).catch((error: unknown) => {
      if (where.listen !== undefined || port === 0) throw error;
      return listenAt(where, 0);
    });
    listeners.set(key, opening);
    opening.catch(() => listeners.delete(key));
    return opening;
  };
  const save = (): void => {
    const temporary = `${store}.${process.pid}`;
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${JSON.stringify([...stored.values()])}\n`, { mode: 0o600 });
    renameSync(temporary, store);
  };
  const listOthers = async (key: string) => {
    const others = [...stored].filter(([other, { where }]) => other !== key && where.listen !== undefined);
    const open = others.map(async ([other, { where }]) => {
      const listener = await listeners.get(other)?.catch(() => undefined);
      return listener ? [{ url: publicUrl(where, listener.url), open: where }] : [];
    });
    return (await Promise.all(open)).flat();
  };
  return {
    async open(where) {
      const { url } = await listen(where);
      const { port } = new URL(url);
      stored.set(keyOf(where), { where, port: Number(port), until: Date.now() + PAGE_TOKEN_MS });
      save();
      return { url: publicUrl(where, url), ...tickets.issue(), others: await listOthers(keyOf(where)) };
    },
    opened: async ({ ticket }) => ({ opened: await tickets.redeemed(ticket) }),
    async resume() {
      for (const [key, { where, until }] of stored) {
        if (until <= Date.now()) {
          stored.delete(key);
          continue;
        }
        await listen(where).catch((error: unknown) =>
          report(`the web page could not be opened again: ${(error as Error).message}`),
        );
      }
      if (stored.size === 0) rmSync(store, { force: true });
      else save();
    },
    async close() {
      for (const opening of listeners.values()) await (await opening.catch(() => null))?.close();
    },
  };
}

const keyOf = ({ listen, tlsCert, tlsKey, behindTlsProxy = false, hosts = [] }: Where): string =>
  JSON.stringify([listen, tlsCert, tlsKey, behindTlsProxy, hosts]);

function toOptions({ listen, tlsCert, tlsKey, behindTlsProxy = false, hosts = [] }: Where, port: number): WebOptions {
  const address = listen ?? `127.0.0.1:${port}`;
  if (isWildcard(parseAddress(address).host) && hosts.length === 0)
    throw new TuttiError(
      "usage",
      `${address} stands for every address of this machine; pass the name that browsers use with --allow-host.`,
    );
  return {
    listen: address,
    behindTlsProxy,
    // Browsers name the port, unless it is the default one of a proxy.
    hosts: behindTlsProxy ? hosts : hosts.map((host) => withPort(host, parseAddress(address).port)),
    origins: [],
    ...(tlsCert !== undefined && { tlsCert }),
    ...(tlsKey !== undefined && { tlsKey }),
  };
}

const isWildcard = (host: string): boolean => /^(0\.0\.0\.0|::)$/.test(host);
const withPort = (host: string, port: number): string =>
  /:\d+$/.test(host) || port === 0 || port === 443 ? host : `${host}:${port}`;

/** The address for browsers: by the first of `hosts`, or as it listens. */
function publicUrl({ hosts: [host] = [], behindTlsProxy = false }: Where, url: string): string {
  const { protocol, port, host: own } = new URL(url);
  const scheme = protocol === "wss:" || behindTlsProxy ? "https" : "http";
  if (host === undefined) return `${scheme}://${own}`;
  return `${scheme}://${behindTlsProxy ? host : withPort(host, Number(port || 443))}`;
}

/** An unreadable store is reported: pages then have to be opened again. */
function readStore(store: string, report: WebPagesDeps["report"]): StoredListener[] {
  let text: string;
  try {
    text = readFileSync(store, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") report(`cannot read ${store}: ${(error as Error).message}`);
    return [];
  }
  try {
    return (JSON.parse(text) as StoredListener[]).filter(({ where, port, until }) => where && port >= 0 && until > 0);
  } catch (error) {
    report(`cannot read ${store}: ${(error as Error).message}`);
    return [];
  }
}
