/** The shared server: one for each folder of data, many clients, ended by a request, a signal, or nobody needing it any more. */
import { mkdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { TuttiError } from "../protocol/errors.ts";
import { watchConfig } from "./config/watch.ts";
import { countCrashes, writeReport } from "./diagnostics/crash-report.ts";
import { createConnections } from "./rpc/connections.ts";
import { listenOnLocalSocket } from "./transport/local-socket.ts";
import type { WebOptions } from "./transport/web-listener.ts";
import { createStreamTransport } from "./transport/transport.ts";
import { logLine } from "./diagnostics/log-line.ts";
import type { ServerOptions } from "./main.ts";
import { acquireLock } from "./node/lock.ts";
import type { Server } from "./server.ts";
import { refuseUnanswered } from "./turn/unanswered.ts";

export interface ServeOptions {
  start(options: ServerOptions): Promise<Server>;
  version: string;
  env: ServerOptions["env"];
  cwd: string;
  dataDir: string;
  socket: string;
  /** A second socket, in a folder that must be private already. */
  alsoAt?: string;
  /** The configuration file instead of the user's. */
  configFile?: string;
  /** Milliseconds without a client and without work after which the server ends. */
  idleMs: number;
  /** One client on standard input and output, instead of the socket: private, and ended with its input. */
  stdio: boolean;
  web?: WebOptions;
  /** For people: where it listens, what went wrong. Never standard output. */
  say(line: string): void;
}

const DRAIN_MS = 3000;
const LINGER_MS = 500;
const IDLE_CHECKS = 20;
const LOOK_MS = 1000;
const CRASHES = { most: 3, withinMs: 60_000 };

/** Resolves with the exit code when the server has ended. */
export async function serve(options: ServeOptions): Promise<number> {
  const { dataDir } = options;
  let redact = (text: string): string => text;
  const clean = (text: string): string => logLine(text, redact);
  const say = (line: string): void => options.say(clean(line));
  const unlock = options.stdio ? () => undefined : lockServer(dataDir);
  let finish: (code: number) => void = () => undefined;
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const release = onEnd(finish, { dataDir, say, clean });
  const closers: (() => unknown)[] = [release, unlock];
  try {
    const hub = createConnections(options.env.USER ?? "you");
    const server = await options.start({
      cwd: options.cwd,
      version: options.version,
      env: options.env,
      project: true,
      canAnswer: hub.canAnswer,
      ...(options.configFile !== undefined && { configFile: options.configFile }),
    });
    redact = server.redact;
    server.onChanged(hub.notifyConfigChanged);
    const core = hub.createCore(server, {
      version: options.version,
      stop: () => finish(0),
      report: (error) => say(`a request failed inside: ${error instanceof Error ? error.stack : String(error)}`),
    });
    // Taken from the end: turns end first, so that whoever watches sees how.
    closers.push(hub.closeAll, () => drained(server, say));
    if (options.stdio) {
      const connection = hub.accept(createStreamTransport(process.stdin, ownStdout()), core);
      void connection.closed.then(() => finish(0));
    } else {
      const places = options.alsoAt === undefined ? [options.socket] : [options.alsoAt, options.socket];
      for (const path of places) {
        const take = (stream: Socket) => hub.accept(createStreamTransport(stream, stream), core);
        const socket = await listenOnLocalSocket(path, take, path === options.socket ? "restrict" : "refuse");
        closers.push(() => void socket.close());
        say(`listening at ${path}`);
      }
      closers.push(
        whenIdle(
          options.idleMs,
          () => hub.isBusy(server),
          () => finish(0),
        ),
      );
    }
    if (options.web) {
      const { openWebListener } = await import("./transport/web-listener.ts");
      const web = await openWebListener(options.web, dataDir, (wire) => hub.accept(wire, core, "remote"));
      closers.push(() => void web.close());
      say(`listening at ${web.url}; the token is in ${web.tokenFile}`);
    }
    const lost = (error: unknown) => say(`a question could not be refused: ${error}`);
    closers.push(refuseUnanswered(server.sessions.opened, hub.canAnswer, options.idleMs, lost));
    const watch = await watchConfig(server.configFiles, () => {
      server.reload().then(
        () => {
          say("configuration read anew");
          hub.notifyConfigChanged();
        },
        (error) => say(`the configuration could not be read anew: ${error}`),
      );
    });
    closers.push(() => watch.close());
    return await finished;
  } finally {
    for (const close of closers.reverse()) await close();
    // What could not be ended in time must not keep the process.
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}

function lockServer(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = acquireLock(join(dataDir, "server.lock"));
  if (unlock) return unlock;
  throw new TuttiError(
    "busy",
    `A server runs already for ${dataDir}; \`tutti stop\` ends it, \`tutti status\` shows it.`,
  );
}

/** Turns are cancelled and written, children ended; what does not end by itself in time is left to the end of the process. */
async function drained(server: Server, say: (line: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      say(`something did not end within ${DRAIN_MS / 1000} s; it is ended with the server`);
      resolve();
    }, DRAIN_MS);
  });
  await Promise.race([server.close(), late]);
  clearTimeout(timer);
}

/** Signals end the server well. A fault that nobody caught is one request's; several in a short time end the server with a report. */
function onEnd(
  finish: (code: number) => void,
  { dataDir, say, clean }: Pick<ServeOptions, "dataDir" | "say"> & { clean(text: string): string },
): () => void {
  const crashes = countCrashes(CRASHES, () => performance.now());
  const end = (): void => finish(0);
  const fault = (error: unknown): void => {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`uncaught: ${told}`);
    const all = crashes.add(clean(told));
    if (!all) return;
    say(
      `${CRASHES.most} faults in ${CRASHES.withinMs / 1000} s, so the server ends; ${writeReport(dataDir, all)} says which`,
    );
    finish(1);
  };
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, end);
  process.on("uncaughtException", fault);
  process.on("unhandledRejection", fault);
  return () => {
    for (const signal of signals) process.off(signal, end);
    process.off("uncaughtException", fault);
    process.off("unhandledRejection", fault);
  };
}

function whenIdle(idleMs: number, busy: () => boolean, ended: () => void): () => void {
  let since = performance.now();
  const timer = setInterval(
    () => {
      if (busy()) since = performance.now();
      else if (performance.now() - since >= idleMs) ended();
    },
    Math.min(LOOK_MS, Math.max(10, idleMs / IDLE_CHECKS)),
  );
  return () => clearInterval(timer);
}

/** Standard output for frames alone: whatever else this process writes there goes to standard error. */
function ownStdout(): NodeJS.WriteStream {
  const { stdout, stderr } = process;
  const own = Object.create(stdout, { write: { value: stdout.write.bind(stdout) } }) as NodeJS.WriteStream;
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return own;
}
