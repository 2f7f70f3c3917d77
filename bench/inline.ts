/** Completion at the cursor: our part of the time until it is there, the requests of many keys, and what a request costs that is given up. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import type { Link } from "../protocol/link.ts";
import { connectTo } from "../client/local.ts";
import { type InlineFace, inlineFace } from "../test/help/inline-face.ts";
import { type Asked, type Lab, median, openLab, type Row } from "./lab.ts";

const ITEMS = 100;
/** What the endpoint takes for an answer, in milliseconds. */
const WAIT = 20;
const KEYS = 10;
const KEY_MS = 25;
const TOKENS_A_SECOND = 100;

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

interface Bench {
  lab: Lab;
  /** Completes with this model, after the keys have rested for so long. */
  open(model: string, delay: number): Promise<InlineFace>;
  close(): Promise<void>;
}

export async function inlineBench(): Promise<Row[]> {
  const bench = await openBench();
  try {
    return [...(await firstItem(bench)), ...(await keys(bench)), ...(await givenUp(bench))];
  } finally {
    await bench.close();
  }
}

async function openBench(): Promise<Bench> {
  const lab = await openLab(false);
  const { HOME = "" } = lab.env;
  const data = join(HOME, "data");
  const env = { ...lab.env, TUTTI_DATA_DIR: data, TUTTI_BASE_URL: "" };
  const configure = (model: string, delay: number): void => {
    const folder = join(HOME, ".config/tutti");
    mkdirSync(folder, { recursive: true });
    const providers = { bench: { baseUrl: lab.url } };
    const config = { model: `bench/${model}`, providers, completion: { delay } };
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify(config));
  };
  configure("starcoder", 0);
  const program = join(import.meta.dirname, "../bin/tutti.cjs");
  const server: ChildProcess = spawn(process.execPath, [program, "serve"], { cwd: lab.cwd, env, stdio: "pipe" });
  await new Promise<void>((resolve) =>
    server.stderr?.on("data", (said) => {
      if (String(said).includes("listening at")) resolve();
    }),
  );
  const hello = { client: { name: "bench", version: "0" }, answers: false };
  const link: Link = await connectTo(join(data, "run/tutti.sock"), undefined, hello);
  return {
    lab,
    open(model, delay) {
      configure(model, delay);
      return inlineFace(link, lab.cwd);
    },
    async close() {
      await link.close();
      server.kill();
      await once(server, "exit");
      lab.close();
    },
  };
}

/** The floor asks the endpoint over a connection that is kept, and waits for the first word. */
async function firstItem({ lab, open }: Bench): Promise<Row[]> {
  const model = `starcoder-fill-${WAIT}`;
  const face = await open(model, 0);
  const agent = new Agent({ keepAlive: true });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let count = -10; count < ITEMS; count++) {
    const position = await face.write(`const x${count} = |\n`);
    const one = await took(() => face.inline(position));
    const other = await took(() => bare(`${lab.url}/completions`, model, agent));
    if (count < 0) continue;
    ours.push(one);
    theirs.push(other);
  }
  agent.destroy();
  face.close();
  lab.asked();
  const figure = `the first item, beside ${WAIT} ms of the endpoint (median of ${ITEMS})`;
  return [{ figure, unit: "ms", tutti: median(ours), floor: median(theirs), aim: "≤ 30 more than the floor" }];
}

function bare(url: string, model: string, agent: Agent): Promise<void> {
  const body = JSON.stringify({ model, prompt: "const x = ", stream: true });
  return new Promise((resolve, reject) => {
    request(url, { method: "POST", agent, headers: { "content-type": "application/json" } }, (response) => {
      response.on("data", () => undefined);
      response.on("end", resolve);
    })
      .on("error", reject)
      .end(body);
  });
}

async function keys({ lab, open }: Bench): Promise<Row[]> {
  const face = await open(`starcoder-fill-${WAIT}`, 75);
  const text = "calculate(";
  const found: Promise<unknown>[] = [];
  for (let count = 1; count <= KEYS; count++) {
    found.push(face.inline(await face.write(`${text.slice(0, count)}|\n`)));
    await after(KEY_MS);
  }
  await Promise.all(found);
  face.close();
  const figure = `requests of ${KEYS} keys, ${KEY_MS} ms apart`;
  return [{ figure, unit: "", tutti: lab.asked().length, floor: KEYS, aim: "1" }];
}

/** Given up while the endpoint says its first words: how long until it knows, and how much it has said by then. */
async function givenUp({ lab, open }: Bench): Promise<Row[]> {
  const face = await open(`starcoder-paced-${1_000}-${TOKENS_A_SECOND}`, 0);
  const seen: { ms: number; tokens: number }[] = [];
  for (let count = 0; count < 20; count++) {
    const given = new AbortController();
    const token = {
      isCancellationRequested: false,
      onCancellationRequested(listener: (event: unknown) => unknown) {
        given.signal.addEventListener("abort", listener);
        return { dispose: () => undefined };
      },
    };
    const found = face.inline(await face.write(`const y${count} = |\n`), token);
    await logged(lab);
    await after(5 * (1000 / TOKENS_A_SECOND));
    const began = Number(process.hrtime.bigint()) / 1e6;
    given.abort();
    await found;
    const { gone, tokens = 0 } = await logged(lab);
    seen.push({ ms: (gone ?? Number.NaN) - began, tokens });
  }
  face.close();
  const rows = { ms: median(seen.map(({ ms }) => ms)), tokens: median(seen.map(({ tokens }) => tokens)) };
  return [
    { figure: "a request given up: until the endpoint knows", unit: "ms", tutti: rows.ms, floor: null, aim: "≤ 20" },
    {
      figure: "the same, given up after 50 ms at 100 tokens/s",
      unit: "tokens",
      tutti: rows.tokens,
      floor: null,
      aim: "≤ 10 of 1,000",
    },
  ];
}

/** The next line of the endpoint. */
async function logged(lab: Lab): Promise<Asked> {
  for (;;) {
    const [asked] = lab.asked();
    if (asked) return asked;
    await after(2);
  }
}
