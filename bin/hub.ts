/** Runs a hub in this process until a signal stops it. */
import { readFileSync } from "node:fs";
import type { NatsStoreOptions, StartHubOptions } from "../cli/command.ts";
import { openFileStore } from "../hub/file-store.ts";
import { type HubOptions, openHub } from "../hub/hub.ts";
import { describeError, TuttiError } from "../protocol/errors.ts";
import { parseAddress, requireTls } from "../server/transport/listen-address.ts";
import { createGuestPage } from "../server/transport/page-files.ts";
import { readTls } from "../server/transport/read-tls.ts";

const MIB = 1024 * 1024;

export async function runHub(options: StartHubOptions): Promise<number> {
  const { listen, store, behindTlsProxy, maxShareMiB, maxGuests, log } = options;
  const address = parseAddress(listen);
  const tls = readTls(options);
  requireTls(address, tls !== null || behindTlsProxy);
  const hub = await openHub({
    ...address,
    ...(await openStore(store)),
    page: createGuestPage(),
    ...(tls && { tls }),
    limits: {
      ...(maxShareMiB !== undefined && { bytesPerShare: maxShareMiB * MIB }),
      ...(maxGuests !== undefined && { guestsPerShare: maxGuests }),
    },
    log,
  }).catch((error: unknown) => {
    throw new TuttiError("failed", `The hub cannot listen at ${listen}: ${describeError(error)}.`);
  });
  const name = address.host.includes(":") ? `[${address.host}]` : address.host;
  log(
    `listening at ${tls ? "https" : "http"}://${name}:${hub.port}; stored in ${typeof store === "string" ? store : `NATS at ${store.servers.map((server) => new URL(server).host).join(", ")}`}`,
  );
  const code = await new Promise<number>((resolve) => {
    process.once("SIGINT", () => resolve(130));
    process.once("SIGTERM", () => resolve(0));
  });
  await hub.close();
  return code;
}

async function openStore(store: string | NatsStoreOptions): Promise<Pick<HubOptions, "store" | "bus">> {
  if (typeof store === "string") return { store: await openFileStore(store) };
  const { openNats } = await import("../hub/nats/nats.ts");
  const { servers, replicas, credentials } = store;
  const content = credentials === undefined ? undefined : readFileSync(credentials);
  return openNats({ servers, replicas, ...(content && { credentials: content }) });
}
