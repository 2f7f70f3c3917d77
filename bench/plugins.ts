/** What plugins cost: a hook's way to and fro, many of them at the start, and one that floods beside one that does not. */
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
import { addPlugin, approveNamed, hostOf, loadedWith } from "../test/help/plugins.ts";
import { median, openLab, type Row } from "./lab.ts";

const program = join(import.meta.dirname, "plugin.mjs");
const command = (...how: string[]): string[] => [process.execPath, program, ...how];
const MANY = Array.from({ length: 20 }, (_, index) => `p${index}`);
const CALLS = 500;

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Hands out a host for these plugins, approved, and takes all of it away. */
async function withHost<T>(
  commands: Record<string, string[]>,
  use: (host: Plugins, root: string, named: (name: string) => Promise<Plugin>) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "tutti-bench-plugins-"));
  const config = Object.fromEntries(Object.entries(commands).map(([name, argv]) => [name, { command: argv }]));
  const parts = { home: root, dataDir: join(root, "data"), env: process.env };
  const host = hostOf({ ...parts, loadedFor: async () => loadedWith(root, config) });
  const named = async (name: string): Promise<Plugin> => {
    const found = (await host.plugins(root)).plugins.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`there is no plugin ${name}`);
    return found;
  };
  try {
    for (const name of Object.keys(commands)) await approveNamed(host, root, name);
    return await use(host, root, named);
  } finally {
    await host.close();
    rmSync(root, { recursive: true });
  }
}

/** The floor: a child and a pipe, one line there and one back. */
function bare(): { ask(method: string): Promise<unknown>; end(): void } {
  const [file = "", ...args] = command();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  let id = 0;
  return {
    ask(method) {
      const answered = once(lines, "line").then(([line]) => JSON.parse(String(line)) as unknown);
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params: { ...payload } })}\n`);
      return answered;
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

const hooks = (): Promise<Row[]> =>
  withHost({ hooked: command("hook") }, async (host, root) => {
    const { hooks: bell } = await collectTurnPlugins(host, root, [], clock, false);
    const floor = bare();
    const signal = new AbortController().signal;
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let count = -20; count < CALLS; count++) {
      const one = await took(() => bell.dispatch("tool.before", payload, { subject: "bash", signal }));
      const other = await took(() => floor.ask("tutti/hook"));
      if (count < 0) continue;
      ours.push(one);
      theirs.push(other);
    }
    floor.end();
    const figure = `a hook's way to a plugin and back (median of ${CALLS})`;
    return [{ figure, unit: "ms", tutti: median(ours), floor: median(theirs), aim: "≤ 2" }];
  });

/** From nothing until each has answered. */
async function starts(runs: number): Promise<Row[]> {
  const all = Object.fromEntries(MANY.map((name) => [name, command()]));
  return withHost(all, async (host, root) => {
    const ours = async (count: number): Promise<number> => {
      for (const plugin of (await host.plugins(root)).plugins) await plugin.restart();
      return took(async () => {
        const { plugins } = await host.plugins(root);
        await Promise.all(plugins.slice(0, count).map((plugin) => plugin.connect()));
      });
    };
    const theirs = async (count: number): Promise<number> => {
      const children = Array.from({ length: count }, bare);
      const wall = await took(() => Promise.all(children.map((one) => one.ask("initialize"))));
      for (const child of children) child.end();
      return wall;
    };
    const figures = { one: [] as number[], oneBare: [] as number[], many: [] as number[], manyBare: [] as number[] };
    for (let count = -1; count < runs; count++) {
      const measured = [await ours(1), await theirs(1), await ours(MANY.length), await theirs(MANY.length)] as const;
      if (count < 0) continue;
      figures.one.push(measured[0]);
      figures.oneBare.push(measured[1]);
      figures.many.push(measured[2]);
      figures.manyBare.push(measured[3]);
    }
    const { one, oneBare, many, manyBare } = figures;
    return [
      { figure: "a plugin started", unit: "ms", tutti: median(one), floor: median(oneBare), aim: "" },
      {
        figure: `${MANY.length} plugins started side by side`,
        unit: "ms",
        tutti: median(many),
        floor: median(manyBare),
        aim: "≤ 1.5 × floor",
      },
    ];
  });
}

/** The floor is the same run without any plugin, its configuration being one other key. */
async function firstRequests(runs: number, tutti: (...words: string[]) => string[]): Promise<Row[]> {
  const labs = [await openLab(false), await openLab(false)] as const;
  for (const { env } of labs) {
    Object.assign(env, { TUTTI_MODEL: "echo", TUTTI_DATA_DIR: join(env.HOME ?? "", "data") });
    mkdirSync(env.TUTTI_DATA_DIR ?? "", { mode: 0o700 });
    const folder = join(env.HOME ?? "", ".config/tutti");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "tutti.jsonc"), '{"notify":false}');
  }
  const [many, none] = labs;
  for (const name of MANY) await addPlugin({ env: many.env, work: many.cwd }, name, { command: command() });
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
      figure: `start to first request, ${MANY.length} approved plugins without hooks`,
      unit: "ms",
      tutti: median(figures[0]),
      floor: median(figures[1]),
      aim: "≤ 5 more than with none",
    },
  ];
}

/** The floor is the same call while nobody floods. */
const floods = (): Promise<Row[]> =>
  withHost({ calm: command(), flooding: command("flood") }, async (_, __, named) => {
    const [calm, flooding] = await Promise.all([(await named("calm")).connect(), (await named("flooding")).connect()]);
    const calls = async (): Promise<number> => {
      const measured: number[] = [];
      for (let count = 0; count < CALLS; count++)
        measured.push(await took(() => calm.call("act", {}, { timeoutMs: 10_000 })));
      return median(measured);
    };
    await calls();
    const quiet = await calls();
    await flooding.call("act", {}, { timeoutMs: 10_000 });
    const loud = await calls();
    const figure = `a call of one plugin while another floods (median of ${CALLS})`;
    return [{ figure, unit: "ms", tutti: loud, floor: quiet, aim: "≤ 5 more than without" }];
  });

export const pluginsBench = async (runs: number, tutti: (...words: string[]) => string[]): Promise<Row[]> => [
  ...(await hooks()),
  ...(await starts(runs)),
  ...(await firstRequests(runs, tutti)),
  ...(await floods()),
];
