/** A cluster of real nats-servers on loopback, and hub nodes on it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** False without nats-server, with one message; throws if it is required. */
export function hasNats(): boolean {
  if (spawnSync("nats-server", ["--version"]).error === undefined) return true;
  if (process.env.TUTTI_EDITORS === "required") throw new Error("nats-server is required here, and is not installed.");
  process.stdout.write("nats-server is not installed: the tests of a hub with several nodes are skipped.\n");
  return false;
}

export interface NatsServer {
  url: string;
  kill(): Promise<void>;
  /** Ends it as its operator does: it writes what it has acknowledged. */
  stop(): Promise<void>;
  /** Starts it again with the same data. */
  start(): Promise<void>;
  /** SIGSTOP: it neither answers nor closes its connections. */
  freeze(): void;
  thaw(): void;
}

export interface NatsCluster {
  servers: NatsServer[];
  urls: string[];
  close(): Promise<void>;
}

/** Ports that are free now. */
async function findPorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function waitForPort(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await pause(20);
  }
}

/** `size` servers with JetStream, which write each message to disk before they acknowledge it as far as they can. */
export async function openNatsCluster(size: number): Promise<NatsCluster> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-nats-"));
  const ports = await findPorts(size * 2);
  const routes = ports.slice(size).map((port) => `nats://127.0.0.1:${port}`);
  const servers = Array.from({ length: size }, (_, index): NatsServer => {
    const port = ports[index] ?? 0;
    const cluster =
      size === 1
        ? ""
        : `cluster { name: test, listen: "127.0.0.1:${ports[size + index]}", routes: [${routes.join(", ")}], no_advertise: true }`;
    const file = join(folder, `${index}.conf`);
    writeFileSync(
      file,
      `server_name: n${index}\nlisten: "127.0.0.1:${port}"\njetstream { store_dir: "${join(folder, String(index))}", max_file: 1G }\n${cluster}\n`,
    );
    let child: ChildProcess | null = null;
    const start = async (): Promise<void> => {
      child = spawn("nats-server", ["-c", file], { stdio: "ignore" });
      await waitForPort(port);
    };
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    };
    return {
      url: `nats://127.0.0.1:${port}`,
      start,
      kill: () => end("SIGKILL"),
      stop: () => end("SIGTERM"),
      freeze: () => child?.kill("SIGSTOP"),
      thaw: () => child?.kill("SIGCONT"),
    };
  });
  await Promise.all(servers.map((server) => server.start()));
  return {
    servers,
    urls: servers.map(({ url }) => url),
    async close() {
      await Promise.all(servers.map((server) => server.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A TCP proxy in front of one server, whose network can be cut. */
export interface TestProxy {
  url: string;
  /** Nothing passes any more, and no connection is closed: both sides notice only by their own timers. */
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

export async function openProxy(target: string): Promise<TestProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<[Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("error", () => from.destroy());
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `nats://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut() {
      isCut = true;
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    heal() {
      isCut = false;
      for (const [near, far] of [...pairs]) {
        near.destroy();
        far.destroy();
      }
    },
    async close() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
