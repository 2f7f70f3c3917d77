/** The shared server: one per data folder, for many clients. It ends on request, by a signal, or when idle. */
import { mkdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describeError, TuttiError } from "../protocol/errors.ts";
import { watchConfig } from "./config/watch.ts";
import { formatLogLine } from "./diagnostics/format-log-line.ts";
import { createCrashCounter, writeCrashReport } from "./diagnostics/uncaught-errors.ts";
import type { ServerOptions } from "./main.ts";
import { acquireLock } from "./node/file-lock.ts";
import { createConnections } from "./rpc/connections.ts";
import type { RpcCore } from "./rpc/core.ts";
import type { Server } from "./server.ts";
import { createLazyShares } from "./share/lazy-shares.ts";
import { createLazyWebPages } from "./transport/lazy-web-pages.ts";
import { listenOnLocalSocket } from "./transport/local-socket.ts";
import { createStreamTransport } from "./transport/transport.ts";
import type { WebOptions } from "./transport/web-listener.ts";
import { refuseUnanswered } from "./turn/question-timeout.ts";

export interface ServeOptions {
  start(options: ServerOptions): Promise<Server>;
  version: string;
  env: ServerOptions["env"];
  cwd: string;
  dataDir: string;
  socket: string;
  /** An additional socket, in a folder that must already be private. */
  extraSocket?: string;
  /** The configuration file instead of the user's. */
  configFile?: string;
  /** Milliseconds without clients and running turns after which the server ends. */
  idleMs: number;
  /** Serves one client on standard input and output instead of the socket; ends with its input. */
  stdio: boolean;
  web?: WebOptions;
  /** Log lines for the user, never on standard output. */
  log(line: string): void;
}

const DRAIN_MS = 3000;
const LINGER_MS = 500;
const IDLE_CHECKS = 20;
const IDLE_CHECK_MS = 1000;
const CRASH_LIMIT = { max: 3, withinMs: 60_000 };

/** Resolves with the exit code when the server has ended. */
export async function serve(options: ServeOptions): Promise<number> {
  const { dataDir } = options;
  let redact = (text: string): string => text;
  const clean = (text: string): string => formatLogLine(text, redact);
  const log = (line: string): void => options.log(clean(line));
  const unlock = options.stdio ? () => undefined : lockServer(dataDir);
  let finish: (code: number) => void = () => undefined;
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const connections = createConnections(options.env.USER ?? "you");
  const stop = (): void => {
    connections.notifyStopping();
    finish(0);
  };
  const release = handleProcessEvents(stop, finish, { dataDir, log, clean });
  const closers: (() => unknown)[] = [release, unlock];
  try {
    const server = await options.start({
      cwd: options.cwd,
      version: options.version,
      env: options.env,
      project: true,
      titles: true,
      canAnswer: connections.canAnswer,
      ...(options.configFile !== undefined && { configFile: options.configFile }),
    });
    redact = server.redact;
    server.onChanged(connections.notifyConfigChanged);
    const shares = createLazyShares({
      dataDir,
      ownerName: options.env.USER ?? "you",
      server,
      connections,
      core: () => core,
      report: log,
    });
    const webPages = createLazyWebPages({
      dataDir,
      accept: (transport) => connections.accept(transport, core),
      report: log,
    });
    const core: RpcCore = connections.createCore(server, {
      version: options.version,
      shareHandlers: shares.handlers,
      webHandlers: webPages.handlers,
      stop,
      report: (error) => log(`a request failed unexpectedly: ${error instanceof Error ? error.stack : String(error)}`),
    });
    // Closed in reverse order: turns end first, so that clients see how.
    closers.push(connections.closeAll, () => closeServer(server, log), shares.close, webPages.close);
    shares.resume();
    if (options.stdio) {
      const connection = connections.accept(createStreamTransport(process.stdin, reserveStdout()), core);
      void connection.closed.then(() => finish(0));
    } else {
      const socketPaths = options.extraSocket === undefined ? [options.socket] : [options.extraSocket, options.socket];
      for (const path of socketPaths) {
        const accept = (stream: Socket) => connections.accept(createStreamTransport(stream, stream), core);
        const socket = await listenOnLocalSocket(path, accept, path === options.socket ? "restrict" : "refuse");
        closers.push(() => void socket.close());
        log(`listening at ${path}`);
      }
      await webPages.resume();
      closers.push(
        watchIdle(
          options.idleMs,
          () => shares.isActive() || connections.isBusy(server),
          () => finish(0),
        ),
      );
    }
    server.cleanUpWorktrees().then(
      (kept) => {
        for (const { path, reason } of kept) log(`the worktree ${path} of a deleted session is kept: ${reason}`);
      },
      (error) => log(`the worktrees of deleted sessions could not be cleaned up: ${describeError(error)}`),
    );
    if (options.web) {
      const { openWebListener } = await import("./transport/web-listener.ts");
      const web = await openWebListener(options.web, dataDir, (transport) =>
        connections.accept(transport, core, "remote"),
      );
      closers.push(() => void web.close());
      log(`listening at ${web.url}; the token is in ${web.tokenFile}`);
    }
    const onRefuseError = (error: unknown) => log(`an unanswered question could not be refused: ${error}`);
    closers.push(refuseUnanswered(server.sessions.opened, connections.canAnswer, options.idleMs, onRefuseError));
    const watch = await watchConfig(server.configFiles, () => {
      server.reload().then(
        () => {
          log("configuration reloaded");
          connections.notifyConfigChanged();
        },
        (error) => log(`the configuration could not be reloaded: ${error}`),
      );
    });
    closers.push(() => watch.close());
    return await finished;
  } finally {
    for (const close of closers.reverse()) await close();
    // Whatever did not end in time must not keep the process alive.
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}

function lockServer(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = acquireLock(join(dataDir, "server.lock"));
  if (unlock) return unlock;
  throw new TuttiError(
    "alreadyRunning",
    `A server is already running for ${dataDir}. \`tutti status\` shows it, \`tutti stop\` ends it.`,
  );
}

/** Cancels turns and ends child processes; what does not end in time ends with the process. */
async function closeServer(server: Server, log: (line: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log(`shutdown took longer than ${DRAIN_MS / 1000} s; the process exits now`);
      resolve();
    }, DRAIN_MS);
  });
  await Promise.race([server.close(), timeout]);
  clearTimeout(timer);
}

/** Signals end the server cleanly. A single uncaught error is logged; several in a short time end the server with a report. */
function handleProcessEvents(
  stop: () => void,
  finish: (code: number) => void,
  { dataDir, log, clean }: Pick<ServeOptions, "dataDir" | "log"> & { clean(text: string): string },
): () => void {
  const crashes = createCrashCounter(CRASH_LIMIT, () => performance.now());
  const onUncaught = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log(`uncaught: ${text}`);
    const recent = crashes.add(clean(text));
    if (!recent) return;
    log(
      `${CRASH_LIMIT.max} errors in ${CRASH_LIMIT.withinMs / 1000} s, so the server ends; ${writeCrashReport(dataDir, recent)} has the details`,
    );
    finish(1);
  };
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
  return () => {
    for (const signal of signals) process.off(signal, stop);
    process.off("uncaughtException", onUncaught);
    process.off("unhandledRejection", onUncaught);
  };
}

function watchIdle(idleMs: number, busy: () => boolean, ended: () => void): () => void {
  let since = performance.now();
  const timer = setInterval(
    () => {
      if (busy()) since = performance.now();
      else if (performance.now() - since >= idleMs) ended();
    },
    Math.min(IDLE_CHECK_MS, Math.max(10, idleMs / IDLE_CHECKS)),
  );
  return () => clearInterval(timer);
}

/** Reserves standard output for protocol messages: all other writes go to standard error. */
function reserveStdout(): NodeJS.WriteStream {
  const { stdout, stderr } = process;
  const own = Object.create(stdout, { write: { value: stdout.write.bind(stdout) } }) as NodeJS.WriteStream;
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return own;
}
