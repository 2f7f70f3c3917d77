/** Shared by the benchmarks: a temporary home and workspace, the endpoint, and the measurement of one process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface LoggedRequest {
  receivedAt: number;
  sentAt: number;
  port: number;
  /** If the client disconnected: when, and how many tokens had been sent. */
  abortedAt?: number;
  tokens?: number;
  body?: { messages: unknown[]; tools?: unknown[] };
}

export interface Measurement {
  /** Milliseconds. */
  wall: number;
  firstRequest: number;
  /** From the first byte sent to the last byte printed. */
  streamed: number;
  /** The peak memory, in MB. */
  peak: number;
  requests: LoggedRequest[];
  output: string;
}

/** A row of a table in docs/benchmarks.md. */
export interface Row {
  figure: string;
  unit: string;
  tutti: number;
  floor: number | null;
  aim: string;
}

export interface Lab {
  url: string;
  cwd: string;
  env: Record<string, string>;
  run(argv: string[]): Promise<Measurement>;
  /** The requests since the last call. */
  takeRequests(): LoggedRequest[];
  close(): void;
}

const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const here = import.meta.dirname;

export async function openLab(bodies: boolean): Promise<Lab> {
  const root = mkdtempSync(join(tmpdir(), "tutti-bench-"));
  const cwd = join(root, "work");
  mkdirSync(join(cwd, "src"), { recursive: true });
  for (let index = 0; index < 200; index++) {
    const name = `f${String(index).padStart(3, "0")}`;
    writeFileSync(
      join(cwd, "src", `${name}.txt`),
      Array.from({ length: 40 }, (_, line) => `line ${line} of ${name}\n`).join(""),
    );
  }
  const log = join(root, "requests.jsonl");
  writeFileSync(log, "");
  const args = [join(here, "endpoint.mjs"), "--log", log, ...(bodies ? ["--bodies"] : [])];
  const endpoint = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(endpoint.stdout, "data");
  const url = `http://127.0.0.1:${String(port).trim()}/v1`;
  const env = { PATH: process.env.PATH ?? "", HOME: join(root, "home"), TUTTI_BASE_URL: url };
  mkdirSync(env.HOME);
  let readCount = 0;
  const readLog = (): LoggedRequest[] =>
    readFileSync(log, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LoggedRequest);
  return {
    url,
    cwd,
    env,
    takeRequests() {
      const all = readLog();
      const unread = all.slice(readCount);
      readCount = all.length;
      return unread;
    },
    async run(argv) {
      truncateSync(log, 0);
      readCount = 0;
      const started = now();
      const child = spawn("/usr/bin/time", ["-o", join(root, "time"), "-f", "%M", ...argv], {
        cwd,
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let last = started;
      let output = "";
      child.stdout.on("data", (piece) => {
        last = now();
        output += piece;
      });
      const [code] = await once(child, "close");
      const wall = now() - started;
      if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}`);
      const requests = readLog();
      const peak = Number(readFileSync(join(root, "time"), "utf8").trim()) / 1024;
      return {
        wall,
        firstRequest: (requests[0]?.receivedAt ?? now()) - started,
        streamed: last - (requests[0]?.receivedAt ?? last),
        peak,
        requests,
        output,
      };
    },
    close() {
      endpoint.kill();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
