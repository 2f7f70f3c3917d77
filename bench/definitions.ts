/** How much later the first request is sent if the user has many skills and agents. */
import { globSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Measurement, median, openLab, type Row } from "./lab.ts";

const SKILLS = 50;
const AGENTS = 17;

const words =
  "reviews reports measures compares drafts explains one part of the work whenever a person asks for it".split(" ");
const sentence = (start: number, length: number): string =>
  Array.from({ length }, (_, index) => words[(start + index * 5) % words.length]).join(" ");

/** Two homes alternately, one of them with files in the form that Claude Code reads; the floor is the empty one. */
export async function benchmarkDefinitions(runs: number, command: (...args: string[]) => string[]): Promise<Row[]> {
  const lab = await openLab(false);
  lab.env.TUTTI_MODEL = "echo";
  const homes = { empty: join(lab.cwd, "../empty"), full: join(lab.cwd, "../full") };
  mkdirSync(homes.empty);
  writeDefinitions(homes.full);
  const measured: Record<keyof typeof homes, Measurement[]> = { empty: [], full: [] };
  // The first runs read every file and compile what they load.
  const WARM_UP = 3;
  for (let count = 0; count < runs + WARM_UP; count++) {
    for (const name of ["empty", "full"] as const) {
      lab.env.HOME = homes[name];
      const one = await lab.run(command("please go on"));
      if (count >= WARM_UP) measured[name].push(one);
    }
  }
  lab.close();
  const first = (name: keyof typeof homes): number => median(measured[name].map(({ firstRequest }) => firstRequest));
  const figure = `start to first request, ${SKILLS} skills and ${AGENTS} agents`;
  return [{ figure, unit: "ms", tutti: first("full"), floor: first("empty"), aim: "≤ 10 more than with none" }];
}

function writeDefinitions(home: string): void {
  for (let index = 0; index < SKILLS; index++) {
    const folder = join(home, ".claude/skills", `group-${index % 5}`, `skill-${index}`);
    mkdirSync(folder, { recursive: true });
    const head = `---\nname: skill-${index}\ndescription: ${sentence(index, 24)}\n---\n`;
    writeFileSync(join(folder, "SKILL.md"), `${head}${sentence(index, 400)}\n`);
  }
  const agents = join(home, ".claude/agents");
  mkdirSync(agents, { recursive: true });
  for (let index = 0; index < AGENTS; index++) {
    const head = `---\nname: agent-${index}\ndescription: ${sentence(index, 18)}\nmodel: sonnet\ncolor: blue\nvoice: calm\n---\n`;
    writeFileSync(join(agents, `agent-${index}.md`), `${head}${sentence(index, 600)}\n`);
  }
  // As files that were not written in this very second.
  for (const path of globSync("{.claude,.claude/**/*}", { cwd: home }))
    utimesSync(join(home, path), 1_700_000_000, 1_700_000_000);
}
