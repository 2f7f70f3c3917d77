/** Shared sessions, loaded with the first call about them, or at the start of a server that shared some before. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Caller, ParamsOf, ShareMethod } from "../../protocol/methods.ts";
import { shareRequests } from "../../protocol/share-methods.ts";
import type { Connections } from "../rpc/connections.ts";
import type { RpcCore } from "../rpc/core.ts";
import type { Server } from "../server.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { Shares } from "./shares.ts";

export interface LazyShares extends Shares {
  /** Goes on with what was shared when the server ended. */
  resume(): void;
}

export interface LazySharesDeps {
  dataDir: string;
  ownerName: string;
  server: Pick<Server, "sessions" | "handlers">;
  connections: Pick<Connections, "accept" | "presence">;
  core(): RpcCore;
  report(problem: string): void;
}

const OWNER: Caller = { author: SERVER_AUTHOR, role: "owner", answers: false };

type Key = "share.hub" | "share.mode";

async function readText({ handlers }: LazySharesDeps["server"], cwd: string, key: Key): Promise<string | undefined> {
  const { values } = await handlers.configRead({ cwd, key }, OWNER, new AbortController().signal);
  const value = values[0]?.value;
  return typeof value === "string" ? value : undefined;
}

export function createLazyShares({ server, connections, core, ...deps }: LazySharesDeps): LazyShares {
  const open = async (): Promise<Shares> =>
    (await import("./shares.ts")).openShares({
      ...deps,
      presence: connections.presence,
      sessions: server.sessions,
      hubFor: (cwd) => readText(server, cwd, "share.hub"),
      isDisabled: async (cwd) => (await readText(server, cwd, "share.mode")) === "disabled",
      accept: (transport, peer) => connections.accept(transport, core(), peer),
    });
  let opening: Promise<Shares> | null = null;
  let opened: Shares | null = null;
  const load = (): Promise<Shares> => {
    opening ??= open().then((shares) => {
      opened = shares;
      return shares;
    });
    return opening;
  };
  const handle = <K extends ShareMethod>(name: K): Shares["handlers"][K] =>
    (async (params: ParamsOf<K>, ...more: never[]) => {
      const handler = (await load()).handlers[name] as (...input: unknown[]) => unknown;
      return handler(params, ...more);
    }) as unknown as Shares["handlers"][K];
  const names = Object.keys(shareRequests) as ShareMethod[];
  return {
    handlers: Object.fromEntries(names.map((name) => [name, handle(name)])) as unknown as Shares["handlers"],
    isActive: () => opened?.isActive() ?? false,
    resume() {
      if (existsSync(join(deps.dataDir, "shares"))) void load();
    },
    async close() {
      await (await opening?.catch(() => null))?.close();
    },
  };
}
