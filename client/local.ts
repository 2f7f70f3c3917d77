/** Connects to the local server, starting it if necessary, or to a server by socket or address. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { describeError, errors, TuttiError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import { isDisconnected } from "./errors.ts";
import { type ClientInfo, openLink } from "./remote.ts";
import { openWebSocket } from "./websocket.ts";

export interface LocalServer {
  socket: string;
  /** The command that starts a server there; absent if none may be started. */
  start?: { argv: readonly [string, ...string[]]; logFile: string; env?: NodeJS.ProcessEnv };
}

const START_MS = 10_000;
/** How long a server that another client started may take until it listens. */
const OTHER_SERVER_MS = 5_000;
const POLL_MS = 20;
const MAX_LOG_BYTES = 1024 * 1024;

export async function connectLocal(local: LocalServer, clientInfo: ClientInfo): Promise<Link> {
  const connectOnce = async (): Promise<Link> => openSocketLink(await dialLocal(local), clientInfo, local.socket);
  try {
    return await connectOnce();
  } catch (error) {
    // A server that was just killed may still accept a connection, but never responds.
    if (!local.start || !isDisconnected(error)) throw error;
    return connectOnce();
  }
}

/** If two clients start a server at the same time, one server gets the lock, and both clients connect to it. */
export async function dialLocal({ socket: path, start }: LocalServer): Promise<Socket> {
  let socket = await dial(path);
  if (!socket && start) socket = await launchServer(path, start);
  if (!socket) throw new TuttiError("notFound", `No server is running at ${path}. Start one with \`tutti serve\`.`);
  return socket;
}

/** `address`: a socket path, optionally prefixed with `unix:`, or a `ws://` or `wss://` URL, which needs `tokenFile`. */
export async function connectTo(address: string, tokenFile: string | undefined, clientInfo: ClientInfo): Promise<Link> {
  if (/^wss?:\/\//.test(address))
    return openLink(await openWebSocket(address, readToken(tokenFile)), clientInfo, address);
  const path = address.replace(/^unix:(\/\/(?=\/))?/, "");
  const socket = await dial(path);
  if (!socket) throw new TuttiError("notFound", `No server is listening at ${path}. Start one with \`tutti serve\`.`);
  return openSocketLink(socket, clientInfo, path);
}

function openSocketLink(socket: Socket, clientInfo: ClientInfo, serverName: string): Promise<Link> {
  return openLink(
    { reader: new SocketMessageReader(socket), writer: new SocketMessageWriter(socket) },
    clientInfo,
    serverName,
  );
}

/** Null if no server is listening. */
function dial(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(null);
      else reject(new TuttiError("failed", `Cannot connect to the server at ${path}: ${describeError(error)}.`));
    });
  });
}

/** Disables core dumps, which would contain API keys. `exec` avoids an extra shell process. */
const withoutCoreDump = ["/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "sh"] as const;

async function launchServer(path: string, { argv, logFile, env }: NonNullable<LocalServer["start"]>): Promise<Socket> {
  const log = openLog(logFile);
  const from = fstatSync(log).size;
  const [program, ...words] = process.platform === "win32" ? argv : [...withoutCoreDump, ...argv];
  // The server runs in its own folder, so that it does not keep the client's folder in use.
  const cwd = dirname(logFile);
  const child = spawn(program, words, {
    cwd,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "ignore", log],
    ...(env && { env }),
  });
  closeSync(log);
  child.unref();
  const exited = waitForExit(child, logFile, from);
  let deadline = performance.now() + START_MS;
  let reason: string | null = null;
  while (performance.now() < deadline) {
    const socket = await dial(path);
    if (socket) return socket;
    if (reason === null) {
      const exit = await Promise.race([exited, after(POLL_MS, null)]);
      if (exit === null) continue;
      if (!exit.isAlreadyRunning) throw new TuttiError("failed", exit.reason);
      // Another client has started a server first, which is about to listen.
      reason = exit.reason;
      deadline = Math.min(deadline, performance.now() + OTHER_SERVER_MS);
    } else await after(POLL_MS, null);
  }
  if (reason !== null) throw new TuttiError("failed", reason);
  throw new TuttiError("failed", `The local server did not start within ${START_MS / 1000} s. See ${logFile}.`);
}

interface ServerExit {
  reason: string;
  /** Another server has the lock. */
  isAlreadyRunning: boolean;
}

/** Resolves when the server has exited, or could not be started. */
function waitForExit(child: ChildProcess, logFile: string, from: number): Promise<ServerExit> {
  return new Promise((resolve) => {
    child.once("error", ({ message }) =>
      resolve({ reason: `Cannot start the local server: ${message}.`, isAlreadyRunning: false }),
    );
    child.once("exit", (code, signal) => {
      const lastLine = readLog(logFile, from).trim().split("\n").at(-1);
      const exit = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
      const reason = `The local server did not start: ${lastLine || `it ${exit}. See ${logFile}.`}`;
      resolve({ reason, isAlreadyRunning: code === errors.alreadyRunning.exit });
    });
  });
}

/** Empty if the log cannot be read: the exit code is then all that is known. */
function readLog(path: string, from: number): string {
  try {
    return readFileSync(path).subarray(from).toString("utf8");
  } catch {
    return "";
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const log = openSync(path, "a", 0o600);
  if (fstatSync(log).size > MAX_LOG_BYTES) ftruncateSync(log);
  return log;
}

function readToken(file: string | undefined): string {
  if (file === undefined || file === "")
    throw new TuttiError(
      "usage",
      "A WebSocket address requires a token. Set --token-file or TUTTI_TOKEN_FILE to its file.",
    );
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new TuttiError("usage", `The token file ${file} does not exist.`);
  if (size > 1024)
    throw new TuttiError("usage", `The token file ${file} is too large: a token has at most 1024 bytes.`);
  return readFileSync(file, "utf8").trim();
}
