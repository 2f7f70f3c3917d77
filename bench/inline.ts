/** Measures completion at the cursor: our part of the time to the first item, the requests for many keys, and the cost of a cancelled request. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { connectTo } from "../client/local.ts";
import type { Link } from "../protocol/link.ts";
import { type InlineEditor, openInlineEditor } from "../test/help/inline-editor.ts";
import { type Lab, type LoggedRequest, median, openLab, type Row } from "./lab.ts";

const ITEMS = 100;
/** The response time of the endpoint, in milliseconds. */
const RESPONSE_MS = 20;
const KEYS = 10;
const KEY_MS = 25;
const TOKENS_A_SECOND = 100;

const measure = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

interface Bench {
  lab: Lab;
  /** Completes with this model, after this delay without keys. */
  open(model: string, delay: number): Promise<InlineEditor>;
  close(): Promise<void>;
}

export async function benchmarkInline(): Promise<Row[]> {
  const bench = await openBench();
  try {
    return [...(await measureFirstItem(bench)), ...(await measureKeys(bench)), ...(await measureCancellation(bench))];
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
    server.stderr?.on("data", (chunk) => {
      if (String(chunk).includes("listening at")) resolve();
    }),
  );
  const clientInfo = { client: { name: "bench", version: "0" }, answers: false };
  const link: Link = await connectTo(join(data, "run/tutti.sock"), undefined, clientInfo);
  return {
    lab,
    open(model, delay) {
      configure(model, delay);
      return openInlineEditor(link, lab.cwd);
    },
    async close() {
      await link.close();
      server.kill();
      await once(server, "exit");
      lab.close();
    },
  };
}

/** The floor requests the endpoint over a reused connection, and waits for its response. */
async function measureFirstItem({ lab, open }: Bench): Promise<Row[]> {
  const model = `starcoder-fill-${RESPONSE_MS}`;
  const editor = await open(model, 0);
  const agent = new Agent({ keepAlive: true });
  const tuttiTimes: number[] = [];
  const floorTimes: number[] = [];
  for (let count = -10; count < ITEMS; count++) {
    const position = await editor.write(`const x${count} = |\n`);
    const tuttiTime = await measure(() => editor.inline(position));
    const floorTime = await measure(() => requestDirectly(`${lab.url}/completions`, model, agent));
    if (count < 0) continue;
    tuttiTimes.push(tuttiTime);
    floorTimes.push(floorTime);
  }
  agent.destroy();
  editor.close();
  lab.takeRequests();
  const figure = `first item, including ${RESPONSE_MS} ms of the endpoint (median of ${ITEMS})`;
  return [
    { figure, unit: "ms", tutti: median(tuttiTimes), floor: median(floorTimes), aim: "≤ 30 more than the floor" },
  ];
}

function requestDirectly(url: string, model: string, agent: Agent): Promise<void> {
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

async function measureKeys({ lab, open }: Bench): Promise<Row[]> {
  const face = await open(`starcoder-fill-${RESPONSE_MS}`, 75);
  const text = "calculate(";
  const completions: Promise<unknown>[] = [];
  for (let count = 1; count <= KEYS; count++) {
    completions.push(face.inline(await face.write(`${text.slice(0, count)}|\n`)));
    await after(KEY_MS);
  }
  await Promise.all(completions);
  face.close();
  const figure = `requests of ${KEYS} keys, ${KEY_MS} ms apart`;
  return [{ figure, unit: "", tutti: lab.takeRequests().length, floor: KEYS, aim: "1" }];
}

/** Cancels while the endpoint streams: how long until the endpoint notices, and how many tokens it has sent by then. */
async function measureCancellation({ lab, open }: Bench): Promise<Row[]> {
  const face = await open(`starcoder-paced-${1_000}-${TOKENS_A_SECOND}`, 0);
  const samples: { ms: number; tokens: number }[] = [];
  for (let count = 0; count < 20; count++) {
    const controller = new AbortController();
    const token = {
      isCancellationRequested: false,
      onCancellationRequested(listener: (event: unknown) => unknown) {
        controller.signal.addEventListener("abort", listener);
        return { dispose: () => undefined };
      },
    };
    const completion = face.inline(await face.write(`const y${count} = |\n`), token);
    await nextRequest(lab);
    await after(5 * (1000 / TOKENS_A_SECOND));
    const began = Number(process.hrtime.bigint()) / 1e6;
    controller.abort();
    await completion;
    const { abortedAt, tokens = 0 } = await nextRequest(lab);
    samples.push({ ms: (abortedAt ?? Number.NaN) - began, tokens });
  }
  face.close();
  const rows = { ms: median(samples.map(({ ms }) => ms)), tokens: median(samples.map(({ tokens }) => tokens)) };
  return [
    { figure: "cancelled request: until the endpoint notices", unit: "ms", tutti: rows.ms, floor: null, aim: "≤ 20" },
    {
      figure: "the same, cancelled after 50 ms at 100 tokens/s",
      unit: "tokens",
      tutti: rows.tokens,
      floor: null,
      aim: "≤ 10 of 1,000",
    },
  ];
}

/** The next line of the endpoint's log. */
async function nextRequest(lab: Lab): Promise<LoggedRequest> {
  for (;;) {
    const [asked] = lab.takeRequests();
    if (asked) return asked;
    await after(2);
  }
}
