/**
 * `npm run bench`: measures every figure of docs/benchmarks.md, alternating with its floor so that load on the machine affects both.
 * `--runs N` sets the number of runs (default 7); `--terminal`, `--plugins`, `--definitions`, `--inline`, `--routing`, `--watchers` and `--hub` measure only
 * the terminal UI, plugins, skills and agents, completion, routing, many watchers or a hub (`--sizes 100,1000` sets how many); `--write` updates the tables in the page.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { benchmarkDefinitions } from "./definitions.ts";
import { benchmarkHub } from "./hub.ts";
import { benchmarkInline } from "./inline.ts";
import { type Lab, type Measurement, median, openLab, type Row } from "./lab.ts";
import { benchmarkLog, writeLongSession } from "./log.ts";
import { benchmarkPlugins } from "./plugins.ts";
import { benchmarkRouting } from "./routing.ts";
import { benchmarkTerminal } from "./terminal.ts";
import { benchmarkWatchers } from "./watchers.ts";

const root = join(import.meta.dirname, "..");
const option = process.argv.indexOf("--runs");
const runs = option < 0 ? 7 : Number(process.argv[option + 1]);
const sizesOption = process.argv.indexOf("--sizes");
const sizes = sizesOption < 0 ? [100, 300, 1000] : (process.argv[sizesOption + 1] ?? "").split(",").map(Number);

const tuttiCommand = (...args: string[]): string[] => [
  process.execPath,
  join(root, "bin/tutti.cjs"),
  "run",
  "--mode",
  "auto",
  ...args,
];
const floorCommand = (lab: Lab, model: string): string[] => [
  process.execPath,
  join(root, "bench/floor.mjs"),
  lab.url,
  model,
  "please go on",
];

/** Runs both alternately, after one warm-up run each. */
async function measureBoth(
  lab: Lab,
  model: string,
  ...flags: string[]
): Promise<{ tutti: Measurement[]; floor: Measurement[] }> {
  lab.env.TUTTI_MODEL = model;
  const tutti: Measurement[] = [];
  const floor: Measurement[] = [];
  for (let count = 0; count <= runs; count++) {
    const one = await lab.run(tuttiCommand(...flags, "please go on"));
    const other = await lab.run(floorCommand(lab, model));
    if (count > 0) {
      tutti.push(one);
      floor.push(other);
    }
  }
  return { tutti, floor };
}

/** Between the end of a response and the next request. */
const stepGap = ({ requests }: Measurement): number =>
  median(requests.slice(1).map(({ receivedAt }, index) => receivedAt - (requests[index]?.sentAt ?? receivedAt)));

async function measureProcesses(): Promise<Row[]> {
  const lab = await openLab(false);
  const medianOf = (measured: Measurement[], figure: (one: Measurement) => number): number =>
    median(measured.map(figure));
  const rows: Row[] = [];
  const echo = await measureBoth(lab, "echo");
  const add = (
    figure: string,
    unit: string,
    both: typeof echo,
    take: (one: Measurement) => number,
    aim: string,
  ): void => {
    rows.push({ figure, unit, tutti: medianOf(both.tutti, take), floor: medianOf(both.floor, take), aim });
  };
  add("start to first request", "ms", echo, ({ firstRequest }) => firstRequest, "≤ 1.6 × floor");
  add("one-shot response, wall", "ms", echo, ({ wall }) => wall, "≤ 1.75 × floor");
  add("one-shot memory, peak", "MB", echo, ({ peak }) => peak, "≤ 100");
  const reads = await measureBoth(lab, "reads-50");
  add("between two steps of a loop of 50 reads", "ms", reads, stepGap, "≤ 2.1 × floor");
  add("the same, memory, peak", "MB", reads, ({ peak }) => peak, "");
  const count = 20_000;
  const rate = ({ streamed }: Measurement): number => count / (streamed / 1000);
  add("streamed text", "tokens/s", await measureBoth(lab, `stream-${count}`), rate, "≥ 0.54 × floor");
  add(
    "the same as stream-json",
    "tokens/s",
    await measureBoth(lab, `stream-${count}`, "--format", "stream-json", "--include-partial-messages"),
    rate,
    "≥ 0.58 × floor",
  );
  rows.push({
    figure: "connections of 51 requests",
    unit: "",
    tutti: new Set(reads.tutti[0]?.requests.map(({ port }) => port)).size,
    floor: 1,
    aim: "1",
  });
  rows.push(...(await measureResume(lab)));
  lab.close();
  return rows;
}

/** Continues a session of 2,000 messages. */
async function measureResume(lab: Lab): Promise<Row[]> {
  lab.env.TUTTI_MODEL = "echo";
  const session = await writeLongSession(join(lab.env.HOME ?? "", ".local/share/tutti"), lab.cwd, 1_000);
  const measured: Measurement[] = [];
  for (let count = 0; count <= runs; count++) measured.push(await lab.run(tuttiCommand("--session", session, "go on")));
  const first = median(measured.slice(1).map(({ firstRequest }) => firstRequest));
  const memory = median(measured.slice(1).map(({ peak }) => peak));
  return [
    { figure: "resume of 2,000 messages to first request", unit: "ms", tutti: first, floor: null, aim: "≤ 180" },
    { figure: "the same, memory, peak", unit: "MB", tutti: memory, floor: null, aim: "" },
  ];
}

/** The size of the first request for each prompt size, and whether each request begins with the bytes of the previous one. */
async function measureRequests(): Promise<Row[]> {
  const lab = await openLab(true);
  const rows: Row[] = [];
  const sizes = { small: 32_000, medium: 128_000, large: 1_000_000 };
  const aims = { small: "≤ 1,300", medium: "≤ 3,000", large: "≤ 8,000" };
  for (const [size, context] of Object.entries(sizes)) {
    lab.env.TUTTI_CONFIG_CONTENT = JSON.stringify({
      providers: { bench: { baseUrl: lab.url, models: { "reads-5": { context, cost: { input: 0.5, output: 1 } } } } },
    });
    const { requests } = await lab.run(tuttiCommand("--model", "bench/reads-5", "please go on"));
    const [first] = requests;
    const fixed = JSON.stringify([first?.body?.messages[0], first?.body?.tools]).length;
    rows.push({
      figure: `system and tools, ${size}`,
      unit: "tokens (characters / 4)",
      tutti: fixed / 4,
      floor: null,
      aim: aims[size as keyof typeof aims],
    });
    const bodies = requests.map(({ body }) => JSON.stringify(body?.messages).slice(0, -1));
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

const formatValue = (value: number | null): string =>
  value === null ? "–" : value >= 1000 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 10) / 10);

function formatTable(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ figure, unit, tutti, floor, aim }) =>
      `| ${figure} | ${formatValue(tutti)} ${unit} | ${formatValue(floor)} | ${floor === null ? "–" : (tutti / floor).toFixed(2)} | ${aim} |`,
  );
  return ["| figure | Tutti | floor | ratio | aim |", "|---|---|---|---|---|", ...lines].join("\n");
}

const asked = (name: string): boolean => process.argv.includes(`--${name}`);
const all = !["terminal", "plugins", "definitions", "inline", "routing", "watchers", "hub"].some(asked);

/** The tables of the page, by the name of their marker. */
const tables: Record<string, Row[]> = {
  ...(all && {
    table: [
      ...(await measureProcesses()),
      ...(await measureRequests()),
      ...(await benchmarkLog(runs)),
      ...(await benchmarkTerminal(runs)),
    ],
  }),
  ...(asked("terminal") && { table: await benchmarkTerminal(runs) }),
  ...((all || asked("plugins")) && { plugins: await benchmarkPlugins(runs, tuttiCommand) }),
  ...((all || asked("definitions")) && { definitions: await benchmarkDefinitions(runs, tuttiCommand) }),
  ...((all || asked("inline")) && { inline: await benchmarkInline() }),
  ...((all || asked("watchers")) && { watchers: await benchmarkWatchers(sizes) }),
  ...((all || asked("hub")) && { hub: await benchmarkHub(sizes) }),
};
const conditions = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${new Date().toISOString().slice(0, 10)}`;
const sections = Object.entries(tables).map(([marker, rows]) => ({
  marker,
  text: `${marker === "watchers" || marker === "hub" ? "One run" : `Medians of ${runs} runs`}, ${conditions}.\n\n${formatTable(rows)}`,
}));
if (all || asked("routing")) sections.push({ marker: "routing", text: `${conditions}.\n\n${benchmarkRouting()}` });
const path = join(root, "docs/benchmarks.md");
for (const { marker, text } of sections) {
  console.log(text);
  if (!asked("write")) continue;
  const end = marker === "table" ? "<!-- end -->" : `<!-- end ${marker} -->`;
  const pattern = new RegExp(`(<!-- ${marker} -->\n)[\\s\\S]*(\n${end})`);
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(pattern, (_, head, tail) => `${head}${text}${tail}`),
  );
}
