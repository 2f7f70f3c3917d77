/**
 * `npm run bench`: every figure of speed and size that docs/benchmarks.md names, each beside a floor measured in the same run, in
 * turn, so that a slow moment of the machine hits both. `--runs N` (7) says how often; `--terminal` measures the terminal UI alone,
 * `--plugins` what plugins cost, `--inline` completion at the cursor; `--write` puts the tables into the document.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { inlineBench } from "./inline.ts";
import { type Lab, type Measured, median, openLab, type Row } from "./lab.ts";
import { logBench, writeLongSession } from "./log.ts";
import { pluginsBench } from "./plugins.ts";
import { terminalBench } from "./terminal.ts";

const root = join(import.meta.dirname, "..");
const option = process.argv.indexOf("--runs");
const runs = option < 0 ? 7 : Number(process.argv[option + 1]);

const tutti = (...words: string[]): string[] => [
  process.execPath,
  join(root, "bin/tutti.cjs"),
  "run",
  "--mode",
  "auto",
  ...words,
];
const floor = (lab: Lab, model: string): string[] => [
  process.execPath,
  join(root, "bench/floor.mjs"),
  lab.url,
  model,
  "please go on",
];

/** Both in turn, after one run each that does not count. */
async function pair(lab: Lab, model: string, ...flags: string[]): Promise<{ ours: Measured[]; bare: Measured[] }> {
  lab.env.TUTTI_MODEL = model;
  const ours: Measured[] = [];
  const bare: Measured[] = [];
  for (let count = 0; count <= runs; count++) {
    const one = await lab.run(tutti(...flags, "please go on"));
    const other = await lab.run(floor(lab, model));
    if (count > 0) {
      ours.push(one);
      bare.push(other);
    }
  }
  return { ours, bare };
}

/** Between the end of an answer and the next request. */
const gap = ({ asked }: Measured): number =>
  median(asked.slice(1).map(({ came }, index) => came - (asked[index]?.sent ?? came)));

async function processes(): Promise<Row[]> {
  const lab = await openLab(false);
  const of = (measured: Measured[], figure: (one: Measured) => number): number => median(measured.map(figure));
  const rows: Row[] = [];
  const echo = await pair(lab, "echo");
  const add = (figure: string, unit: string, both: typeof echo, take: (one: Measured) => number, aim: string): void => {
    rows.push({ figure, unit, tutti: of(both.ours, take), floor: of(both.bare, take), aim });
  };
  add("start to first request", "ms", echo, ({ firstRequest }) => firstRequest, "≤ 1.6 × floor");
  add("one-shot answer, wall", "ms", echo, ({ wall }) => wall, "≤ 1.75 × floor");
  add("one-shot memory, peak", "MB", echo, ({ peak }) => peak, "≤ 100");
  const reads = await pair(lab, "reads-50");
  add("between two steps of a loop of 50 reads", "ms", reads, gap, "≤ 2.1 × floor");
  add("the same, memory, peak", "MB", reads, ({ peak }) => peak, "");
  const count = 20_000;
  const rate = ({ streamed }: Measured): number => count / (streamed / 1000);
  add("streamed text", "tokens/s", await pair(lab, `stream-${count}`), rate, "≥ 0.54 × floor");
  add(
    "the same as stream-json",
    "tokens/s",
    await pair(lab, `stream-${count}`, "--format", "stream-json", "--include-partial-messages"),
    rate,
    "≥ 0.58 × floor",
  );
  rows.push({
    figure: "connections of 51 requests",
    unit: "",
    tutti: new Set(reads.ours[0]?.asked.map(({ port }) => port)).size,
    floor: 1,
    aim: "1",
  });
  rows.push(...(await resumed(lab)));
  lab.close();
  return rows;
}

/** A session of 2,000 messages, gone on with. */
async function resumed(lab: Lab): Promise<Row[]> {
  lab.env.TUTTI_MODEL = "echo";
  const session = await writeLongSession(join(lab.env.HOME ?? "", ".local/share/tutti"), lab.cwd, 1_000);
  const measured: Measured[] = [];
  for (let count = 0; count <= runs; count++) measured.push(await lab.run(tutti("--session", session, "go on")));
  const first = median(measured.slice(1).map(({ firstRequest }) => firstRequest));
  const memory = median(measured.slice(1).map(({ peak }) => peak));
  return [
    { figure: "resume of 2,000 messages to first request", unit: "ms", tutti: first, floor: null, aim: "≤ 180" },
    { figure: "the same, memory, peak", unit: "MB", tutti: memory, floor: null, aim: "" },
  ];
}

/** What the first request holds, in each of the three sizes, and whether each request begins with the bytes of the one before. */
async function requests(): Promise<Row[]> {
  const lab = await openLab(true);
  const rows: Row[] = [];
  const sizes = { small: 32_000, medium: 128_000, large: 1_000_000 };
  const aims = { small: "≤ 1,300", medium: "≤ 3,000", large: "≤ 8,000" };
  for (const [size, context] of Object.entries(sizes)) {
    lab.env.TUTTI_CONFIG_CONTENT = JSON.stringify({
      providers: { bench: { baseUrl: lab.url, models: { "reads-5": { context, cost: { input: 0.5, output: 1 } } } } },
    });
    const { asked } = await lab.run(tutti("--model", "bench/reads-5", "please go on"));
    const [first] = asked;
    const fixed = JSON.stringify([first?.body?.messages[0], first?.body?.tools]).length;
    rows.push({
      figure: `system and tools, ${size}`,
      unit: "tokens (characters / 4)",
      tutti: fixed / 4,
      floor: null,
      aim: aims[size as keyof typeof aims],
    });
    const bodies = asked.map(({ body }) => JSON.stringify(body?.messages).slice(0, -1));
    const stable = bodies.slice(1).every((body, index) => body.startsWith(bodies[index] ?? ""));
    rows.push({
      figure: `each request begins with the one before, ${size}`,
      unit: "",
      tutti: Number(stable),
      floor: null,
      aim: "1",
    });
  }
  lab.close();
  return rows;
}

const shown = (value: number | null): string =>
  value === null ? "–" : value >= 1000 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 10) / 10);

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ figure, unit, tutti: ours, floor: bare, aim }) =>
      `| ${figure} | ${shown(ours)} ${unit} | ${shown(bare)} | ${bare === null ? "–" : (ours / bare).toFixed(2)} | ${aim} |`,
  );
  return ["| figure | Tutti | floor | ratio | aim |", "|---|---|---|---|---|", ...lines].join("\n");
}

const asked = (name: string): boolean => process.argv.includes(`--${name}`);
const all = !asked("terminal") && !asked("plugins") && !asked("inline");

/** The tables of the document, by the name of their place. */
const tables: Record<string, Row[]> = {
  ...(all && {
    table: [...(await processes()), ...(await requests()), ...(await logBench(runs)), ...(await terminalBench(runs))],
  }),
  ...(asked("terminal") && { table: await terminalBench(runs) }),
  ...((all || asked("plugins")) && { plugins: await pluginsBench(runs, tutti) }),
  ...((all || asked("inline")) && { inline: await inlineBench() }),
};
const path = join(root, "docs/benchmarks.md");
for (const [place, rows] of Object.entries(tables)) {
  const made = `Medians of ${runs} runs, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${new Date().toISOString().slice(0, 10)}.\n\n${table(rows)}`;
  console.log(made);
  if (!asked("write")) continue;
  const end = place === "table" ? "<!-- end -->" : `<!-- end ${place} -->`;
  const between = new RegExp(`(<!-- ${place} -->\n)[\\s\\S]*(\n${end})`);
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(between, (_, head, tail) => `${head}${made}${tail}`),
  );
}
