/** A hub of several nodes: its store and its messages over NATS. Loaded only where it is used. */
import type { HubBus } from "../bus.ts";
import type { HubStore } from "../store.ts";
import { connectNats, type NatsOptions } from "./connection.ts";
import { openNatsBus } from "./nats-bus.ts";
import { openNatsStore } from "./nats-store.ts";

/** Rejects with what is wrong, and what to do about it. */
export async function openNats(options: NatsOptions): Promise<{ store: HubStore; bus: HubBus }> {
  const nats = await connectNats(options);
  return { store: openNatsStore(nats), bus: openNatsBus(nats) };
}
