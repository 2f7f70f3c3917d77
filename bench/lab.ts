/** What the benches share: a scratch home and workspace, the endpoint, and one measured run of a whole process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Asked {
  came: number;
  sent: number;
  port: number;
  /** Where the client went away: when that was seen, and how many tokens had been sent. */
  gone?: number;
  tokens?: number;
  body?: { messages: unknown[]; tools?: unknown[] };
}

export interface Measured {
  /** Milliseconds. */
  wall: number;
  firstRequest: number;
  /** From the first byte sent to the last byte printed. */
  streamed: number;
  /** MB, the largest the process ever was. */
  peak: number;
  asked: Asked[];
  out: string;
}

/** A line of a table of docs/benchmarks.md. */
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
  run(argv: string[]): Promise<Measured>;
  /** Requests since this was asked last. */
  asked(): Asked[];
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
  let told = 0;
  const logged = (): Asked[] =>
    readFileSync(log, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Asked);
  return {
    url,
    cwd,
    env,
    asked() {
      const all = logged();
      const fresh = all.slice(told);
      told = all.length;
      return fresh;
    },
    async run(argv) {
      truncateSync(log, 0);
      told = 0;
      const started = now();
      const child = spawn("/usr/bin/time", ["-o", join(root, "time"), "-f", "%M", ...argv], {
        cwd,
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let last = started;
      let out = "";
      child.stdout.on("data", (piece) => {
        last = now();
        out += piece;
      });
      const [code] = await once(child, "close");
      const wall = now() - started;
      if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}`);
      const asked = logged();
      const peak = Number(readFileSync(join(root, "time"), "utf8").trim()) / 1024;
      return {
        wall,
        firstRequest: (asked[0]?.came ?? now()) - started,
        streamed: last - (asked[0]?.came ?? last),
        peak,
        asked,
        out,
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
