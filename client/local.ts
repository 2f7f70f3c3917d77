/** Finds the local server, or starts it; and reaches a server by socket or address. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { TuttiError } from "../protocol/errors.ts";
import type { Link } from "./link.ts";
import { type Hello, openLink } from "./remote.ts";
import { openWebSocket } from "./websocket.ts";
import { isGone } from "./words.ts";

export interface LocalServer {
  socket: string;
  /** The program and its arguments that start a server there; absent where none is to be started. */
  start?: { argv: readonly [string, ...string[]]; logFile: string; env?: NodeJS.ProcessEnv };
}

const START_MS = 10_000;
const LOOK_MS = 20;
const MOST_LOG = 1024 * 1024;

export async function connectLocal(local: LocalServer, hello: Hello): Promise<Link> {
  const reach = async (): Promise<Link> => overSocket(await reachLocal(local), hello, local.socket);
  try {
    return await reach();
  } catch (error) {
    // A server that is killed takes connections for a moment, and answers none of them.
    if (!local.start || !isGone(error)) throw error;
    return reach();
  }
}

/** Where two start at once, one server wins its lock, and both are connected to it. */
export async function reachLocal({ socket: path, start }: LocalServer): Promise<Socket> {
  let socket = await dial(path);
  if (!socket && start) socket = await launched(path, start);
  if (!socket) throw new TuttiError("notFound", `No server runs at ${path}; \`tutti serve\` starts one.`);
  return socket;
}

/** `address`: a socket's path, with or without `unix:` before it, or `ws://` and `wss://` with a file that holds the token. */
export async function connectTo(address: string, tokenFile: string | undefined, hello: Hello): Promise<Link> {
  if (/^wss?:\/\//.test(address)) return openLink(await openWebSocket(address, readToken(tokenFile)), hello, address);
  const path = address.replace(/^unix:(\/\/(?=\/))?/, "");
  const socket = await dial(path);
  if (!socket) throw new TuttiError("notFound", `No server listens at ${path}; \`tutti serve\` starts one.`);
  return overSocket(socket, hello, path);
}

function overSocket(socket: Socket, hello: Hello, where: string): Promise<Link> {
  return openLink({ reader: new SocketMessageReader(socket), writer: new SocketMessageWriter(socket) }, hello, where);
}

/** Null where nobody listens. */
function dial(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(null);
      else reject(new TuttiError("failed", `The server at ${path} cannot be reached: ${error.message}.`));
    });
  });
}

/** What a crash would write of this process's memory holds keys. `exec` keeps the process its own. */
const withoutCore = ["/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "sh"] as const;

async function launched(path: string, { argv, logFile, env }: NonNullable<LocalServer["start"]>): Promise<Socket> {
  const log = openLog(logFile);
  const from = fstatSync(log).size;
  const [program, ...words] = process.platform === "win32" ? argv : [...withoutCore, ...argv];
  // Its own folder, so that it does not hold on to the one that its first client happened to be in.
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
  const failed = whyFailed(child, logFile, from);
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    const socket = await dial(path);
    if (socket) return socket;
    const why = await Promise.race([failed, after(LOOK_MS, null)]);
    if (why !== null) throw new TuttiError("failed", why);
  }
  throw new TuttiError("failed", `The local server did not start within ${START_MS / 1000} s; ${logFile} says more.`);
}

/** Never resolves where the server goes on, or ended only because another one was faster. */
function whyFailed(child: ChildProcess, logFile: string, from: number): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`The local server could not be started: ${error.message}.`));
    child.once("exit", () => {
      const said = readFileSync(logFile).subarray(from).toString("utf8").trim();
      if (!/A server (runs|listens)/.test(said))
        resolve(`The local server did not start: ${said.split("\n").at(-1) ?? ""}`);
    });
  });
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const log = openSync(path, "a", 0o600);
  if (fstatSync(log).size > MOST_LOG) ftruncateSync(log);
  return log;
}

function readToken(file: string | undefined): string {
  if (file === undefined || file === "")
    throw new TuttiError("usage", "An address needs a token: name its file with --token-file or TUTTI_TOKEN_FILE.");
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new TuttiError("usage", `There is no token file ${file}.`);
  if (size > 1024) throw new TuttiError("usage", `${file} is too large to be a token.`);
  return readFileSync(file, "utf8").trim();
}
