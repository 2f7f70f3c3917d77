/** Runs the built program as a user does: in a home and a folder of its own, with endpoints on this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectTo } from "../../client/local.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { Envelope } from "../../protocol/events.ts";
import { bin, build, compileCache } from "./build.ts";
import { chunk, done, finish, type Script, type ScriptedEndpoint } from "./scripted-endpoint.ts";

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcess;
  /** Resolves with the next matching line of standard output. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** All complete lines so far. */
  lines: string[];
  outcome: Promise<Outcome>;
}

export interface RunOptions {
  stdin?: string;
  cwd?: string;
  env?: Record<string, string>;
}

export interface Home {
  root: string;
  work: string;
  data: string;
  env: Record<string, string>;
  run(args: readonly string[], how?: RunOptions): Promise<Outcome>;
  start(args: readonly string[], how?: RunOptions): Running;
  /** Runs a shell script in which `tutti` is the program; `$@` are the arguments. */
  shell(script: string, args?: readonly string[]): Promise<Outcome>;
  events(session: string): Promise<Envelope[]>;
  /** The ID of the most recently changed session. */
  lastSession(): Promise<string>;
  /** Stops the shared server, if it runs. Like `tutti stop`, without starting a program. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function openHome(): Promise<Home> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "tutti-run-")));
  const [home, work, data] = [join(root, "home"), join(root, "work"), join(root, "data")];
  for (const folder of [home, work]) await mkdir(folder);
  const env = {
    HOME: home,
    TUTTI_DATA_DIR: data,
    PATH: process.env.PATH ?? "",
    USER: "ada",
    TERM: "xterm-256color",
    ...compileCache,
  };

  const follow = (child: ChildProcess): Running => {
    let out = "";
    let err = "";
    const lines: string[] = [];
    const waiting = new Set<(line: string) => void>();
    child.stdout?.on("data", (piece) => {
      out += piece;
    });
    child.stderr?.on("data", (piece) => {
      err += piece;
    });
    if (child.stdout) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        lines.push(line);
        for (const give of [...waiting]) give(line);
      });
    }
    return {
      child,
      lines,
      line: (fits) =>
        new Promise((resolve) => {
          const give = (line: string): void => {
            if (!fits(line)) return;
            waiting.delete(give);
            resolve(line);
          };
          waiting.add(give);
        }),
      outcome: once(child, "close").then(([code, signal]) => ({ code, signal, out, err })),
    };
  };
  const start = (args: readonly string[], { stdin, cwd = work, env: more }: RunOptions = {}): Running => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { ...env, ...more },
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
    return follow(child);
  };
  const run = (args: readonly string[], how?: RunOptions): Promise<Outcome> => start(args, how).outcome;
  return {
    root,
    work,
    data,
    env,
    run,
    start,
    shell(script, args = []) {
      const preamble = `tutti() { "$NODE" "$TUTTI" "$@"; }\n`;
      const child = spawn("/bin/sh", ["-c", preamble + script, "sh", ...args], {
        cwd: work,
        env: { ...env, NODE: process.execPath, TUTTI: bin },
        stdio: ["ignore", "pipe", "pipe"],
      });
      return follow(child).outcome;
    },
    async events(session) {
      const { out } = await run(["sessions", "show", "--format", "json", session]);
      return JSON.parse(out) as Envelope[];
    },
    async lastSession() {
      const { out } = await run(["sessions", "list", "--format", "json"]);
      return (JSON.parse(out) as { id: string }[])[0]?.id ?? "";
    },
    stop: () => stopServer(join(data, "run", "tutti.sock")),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

async function stopServer(socket: string): Promise<void> {
  const client = { client: { name: "test", version: "0" }, answers: false };
  // Some tests take the socket away.
  const link = await connectTo(socket, undefined, client).catch((error: unknown) => {
    if (error instanceof TuttiError) return null;
    throw error;
  });
  await link?.call("serverStop", {});
  await link?.closed;
}

/** The flags to use an endpoint. */
export const endpointFlags = ({ baseUrl }: Pick<ScriptedEndpoint, "baseUrl">): string[] => [
  "--base-url",
  baseUrl,
  "--model",
  "m",
];

/** A complete response that calls these tools. */
export const callTools = (...calls: [name: string, input: unknown][]): Script => ({
  body: [
    ...calls.map(([name, input], index) =>
      chunk({
        tool_calls: [
          { index, id: `call_${index}`, type: "function", function: { name, arguments: JSON.stringify(input) } },
        ],
      }),
    ),
    finish("tool_calls"),
    done,
  ],
});

/** Builds the program, and gives each test of a suite a home; awaits `close` before removing it. */
export function useHomes(use: (home: Home) => void, close: () => Promise<unknown> | undefined): void {
  let home: Home;
  before(function () {
    this.timeout(60_000);
    build();
  });
  beforeEach(async () => {
    home = await openHome();
    use(home);
  });
  afterEach(async () => {
    await close();
    await home.close();
  });
}
