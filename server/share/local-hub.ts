/** A hub in this process, for guests on this machine or the local network. */
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import { parseAddress } from "../transport/listen-address.ts";
import { createGuestPage } from "../transport/page-files.ts";

export interface LocalHub {
  host: string;
  port: number;
  /** Its origin. */
  url: string;
  close(): Promise<void>;
}

/** `address`: `HOST:PORT`; by default any free port of an address in the local network, or of loopback if there is none. */
export async function openLocalHub(
  dataDir: string,
  address: string | undefined,
  log: (line: string) => void,
): Promise<LocalHub> {
  const { host, port } = address === undefined ? { host: findLocalAddress(), port: 0 } : parseAddress(address);
  const [{ openHub }, { openFileStore }] = await Promise.all([
    import("../../hub/hub.ts"),
    import("../../hub/file-store.ts"),
  ]);
  try {
    const hub = await openHub({
      host,
      port,
      store: await openFileStore(join(dataDir, "hub")),
      page: createGuestPage(),
      log,
    });
    const name = host.includes(":") ? `[${host}]` : host;
    return { host, port: hub.port, url: `http://${name}:${hub.port}`, close: hub.close };
  } catch (error) {
    throw new TuttiError("failed", `The hub cannot listen at ${host}:${port}: ${describeError(error)}.`);
  }
}

/** The first IPv4 address that is not loopback. */
function findLocalAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
