/** Measures plugins: the round trip of a hook, starting many plugins, and one plugin while another floods. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { clock } from "../server/node/clock.ts";
import type { Plugin } from "../server/plugins/host.ts";
import type { Plugins } from "../server/plugins/open-plugins.ts";
import { collectTurnPlugins } from "../server/plugins/turn-plugins.ts";
import { addPlugin, approvePlugin, configWith, createHost } from "../test/help/plugins.ts";
import { median, openLab, type Row } from "./lab.ts";

const program = join(import.meta.dirname, "plugin.mjs");
const command = (...args: string[]): string[] => [process.execPath, program, ...args];
const NAMES = Array.from({ length: 20 }, (_, index) => `p${index}`);
const CALLS = 500;

const measure = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/** Runs a function with a host for these approved plugins, and cleans up. */
async function withHost<T>(
  commands: Record<string, string[]>,
  run: (host: Plugins, root: string, named: (name: string) => Promise<Plugin>) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "tutti-bench-plugins-"));
  const config = Object.fromEntries(Object.entries(commands).map(([name, argv]) => [name, { command: argv }]));
  const parts = { home: root, dataDir: join(root, "data"), env: process.env };
  const host = createHost({ ...parts, loadConfig: async () => configWith(root, config) });
  const findByName = async (name: string): Promise<Plugin> => {
    const found = (await host.plugins(root)).plugins.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`no plugin ${name}`);
    return found;
  };
  try {
    for (const name of Object.keys(commands)) await approvePlugin(host, root, name);
    return await run(host, root, findByName);
  } finally {
    await host.close();
    rmSync(root, { recursive: true });
  }
}

/** The floor: a child process with a pipe, one line each way. */
function startFloor(): { ask(method: string): Promise<unknown>; end(): void } {
  const [file = "", ...args] = command();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  let id = 0;
  return {
    ask(method) {
      const response = once(lines, "line").then(([line]) => JSON.parse(String(line)) as unknown);
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params: { ...payload } })}\n`);
      return response;
    },
    end: () => void child.kill(),
  };
}

const payload = {
  session: "s",
  cwd: "/",
  turn: "t",
  call: "c",
  tool: "bash",
  kind: "execute" as const,
  title: "git status",
  input: { command: "git status" },
};

const measureHooks = (): Promise<Row[]> =>
  withHost({ hooked: command("hook") }, async (host, root) => {
    const { hooks: dispatcher } = await collectTurnPlugins(host, root, [], clock, false);
    const floor = startFloor();
    const signal = new AbortController().signal;
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let count = -20; count < CALLS; count++) {
      const one = await measure(() => dispatcher.dispatch("tool.before", payload, { subject: "bash", signal }));
      const other = await measure(() => floor.ask("tutti/hook"));
      if (count < 0) continue;
      ours.push(one);
      theirs.push(other);
    }
    floor.end();
    const figure = `round trip of a hook (median of ${CALLS})`;
    return [{ figure, unit: "ms", tutti: median(ours), floor: median(theirs), aim: "≤ 2" }];
  });

/** From the start until each plugin has responded. */
async function measureStarts(runs: number): Promise<Row[]> {
  const all = Object.fromEntries(NAMES.map((name) => [name, command()]));
  return withHost(all, async (host, root) => {
    const ours = async (count: number): Promise<number> => {
      for (const plugin of (await host.plugins(root)).plugins) await plugin.restart();
      return measure(async () => {
        const { plugins } = await host.plugins(root);
        await Promise.all(plugins.slice(0, count).map((plugin) => plugin.connect()));
      });
    };
    const theirs = async (count: number): Promise<number> => {
      const children = Array.from({ length: count }, startFloor);
      const wall = await measure(() => Promise.all(children.map((one) => one.ask("initialize"))));
      for (const child of children) child.end();
      return wall;
    };
    const figures = { one: [] as number[], oneBare: [] as number[], many: [] as number[], manyBare: [] as number[] };
    for (let count = -1; count < runs; count++) {
      const measured = [await ours(1), await theirs(1), await ours(NAMES.length), await theirs(NAMES.length)] as const;
      if (count < 0) continue;
      figures.one.push(measured[0]);
      figures.oneBare.push(measured[1]);
      figures.many.push(measured[2]);
      figures.manyBare.push(measured[3]);
    }
    const { one, oneBare, many, manyBare } = figures;
    return [
      { figure: "start of a plugin", unit: "ms", tutti: median(one), floor: median(oneBare), aim: "" },
      {
        figure: `start of ${NAMES.length} plugins in parallel`,
        unit: "ms",
        tutti: median(many),
        floor: median(manyBare),
        aim: "≤ 1.5 × floor",
      },
    ];
  });
}

/** The floor is the same run without plugins, but with a configuration file. */
async function measureFirstRequests(runs: number, tutti: (...args: string[]) => string[]): Promise<Row[]> {
  const labs = [await openLab(false), await openLab(false)] as const;
  for (const { env } of labs) {
    Object.assign(env, { TUTTI_MODEL: "echo", TUTTI_DATA_DIR: join(env.HOME ?? "", "data") });
    mkdirSync(env.TUTTI_DATA_DIR ?? "", { mode: 0o700 });
    const folder = join(env.HOME ?? "", ".config/tutti");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "tutti.jsonc"), '{"notify":false}');
  }
  const [many, none] = labs;
  for (const name of NAMES) await addPlugin({ env: many.env, work: many.cwd }, name, { command: command() });
  const figures: [number[], number[]] = [[], []];
  for (let count = 0; count <= runs; count++)
    for (const [index, lab] of labs.entries()) {
      const { firstRequest } = await lab.run(tutti("please go on"));
      if (count > 0) figures[index]?.push(firstRequest);
    }
  many.close();
  none.close();
  return [
    {
      figure: `start to first request, ${NAMES.length} approved plugins without hooks`,
      unit: "ms",
      tutti: median(figures[0]),
      floor: median(figures[1]),
      aim: "≤ 5 more than with none",
    },
  ];
}

/** The floor is the same call without the flood. */
const measureFloods = (): Promise<Row[]> =>
  withHost({ calm: command(), flooding: command("flood") }, async (_, __, named) => {
    const [calm, flooding] = await Promise.all([(await named("calm")).connect(), (await named("flooding")).connect()]);
    const measureCalls = async (): Promise<number> => {
      const measured: number[] = [];
      for (let count = 0; count < CALLS; count++)
        measured.push(await measure(() => calm.call("act", {}, { timeoutMs: 10_000 })));
      return median(measured);
    };
    await measureCalls();
    const withoutFlood = await measureCalls();
    await flooding.call("act", {}, { timeoutMs: 10_000 });
    const withFlood = await measureCalls();
    const figure = `a call of one plugin while another floods (median of ${CALLS})`;
    return [{ figure, unit: "ms", tutti: withFlood, floor: withoutFlood, aim: "≤ 5 more than without" }];
  });

export const benchmarkPlugins = async (runs: number, tutti: (...words: string[]) => string[]): Promise<Row[]> => [
  ...(await measureHooks()),
  ...(await measureStarts(runs)),
  ...(await measureFirstRequests(runs, tutti)),
  ...(await measureFloods()),
];
