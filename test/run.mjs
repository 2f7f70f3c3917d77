/**
 * `npm test`: builds what the tests start, runs every suite on three workers, which mostly wait, and closes with one line that any runner
 * understands. What failed is run again, alone: what passes then was hurried by the others, which is said, and is a fault of the test.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/** More than this is no accident. */
const MOST_AGAIN = 3;

/** Those that take longest, so that they do not begin when all others have ended. */
const longest = [
  "test/extension/work.test.ts",
  "test/extension/vscode.test.ts",
  "test/docs/commands.test.ts",
  "test/outside/conformance.test.ts",
  "test/tui/screen/golden.test.ts",
  "test/lsp/turns.test.ts",
  "test/tui/screen/first-week.test.ts",
  "test/tui/screen/plugins.test.ts",
  "test/tui/line/line-mode.test.ts",
  "test/tui/screen/mouse.test.ts",
  "test/tui/screen/workflow.test.ts",
  "test/web/page.test.ts",
  "test/lsp/actions.test.ts",
  "test/outside/mcp-servers.test.ts",
];

const build = spawnSync(process.execPath, ["esbuild.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const { spec, ...options } = JSON.parse(readFileSync(".mocharc.json", "utf8"));
const flags = Object.entries(options).flatMap(([name, value]) => {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === true ? [flag] : [flag, String(value)];
});
const [named, more] = [process.argv.slice(2), globSync(spec).sort()];
const files = named.length > 0 ? named : [...longest, ...more.filter((file) => !longest.includes(file))];

/** One for all, so that a law which was broken by chance is broken again where its file is run again. */
const seed = process.env.SEED ?? String(Math.trunc(Math.random() * 2 ** 31));
process.stdout.write(`SEED=${seed}\n`);

const scratch = mkdtempSync(join(tmpdir(), "tutti-run-"));
const failedIn = join(scratch, "failed");
const durationsIn = join(scratch, "durations");
const SHOWN_DURATIONS = 10;

/** `again`: the files that hold all that failed; null where that is not known. */
async function run(these, how) {
  const helpers = ["--require", "./test/help/durations.ts", "--reporter", "test/help/reporter.cjs"];
  const all = [...flags, ...how, ...helpers, ...these];
  const mocha = spawn(process.execPath, ["node_modules/mocha/bin/mocha.js", "--no-config", ...all], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      // What the workers and the programs that they start compile is compiled once for all of them.
      NODE_COMPILE_CACHE: join(process.cwd(), "node_modules/.cache/compiled"),
      ...process.env,
      TUTTI_FAILED: failedIn,
      TUTTI_DURATIONS: durationsIn,
      SEED: seed,
    },
  });
  let tail = "";
  mocha.stdout.on("data", (piece) => {
    process.stdout.write(piece);
    tail = (tail + piece).slice(-1_000_000);
  });
  const [code] = await once(mocha, "close");
  const count = (word) => Number(new RegExp(`^ {2}(\\d+) ${word}`, "m").exec(tail)?.[1] ?? 0);
  const [passed, failed] = [count("passing"), count("failing")];
  const again = failed > 0 ? readFileSync(failedIn, "utf8").split("\n") : null;
  return { passed, failed, ok: code === 0 && passed > 0, again: again?.includes("") ? null : again };
}

/** The files that took longest, to be named in `longest`. */
function describeDurations() {
  const lines = readFileSync(durationsIn, "utf8").trim().split("\n");
  const all = lines.map((line) => JSON.parse(line)).sort((a, b) => b.seconds - a.seconds);
  const shown = all.slice(0, SHOWN_DURATIONS).map(({ file, seconds }) => `  ${seconds.toFixed(1)} s ${file}\n`);
  return `The slowest files of ${all.length}:\n${shown.join("")}`;
}

const first = await run(files, ["--parallel", "--jobs", "3"]);
if (existsSync(durationsIn)) process.stdout.write(describeDurations());
let { ok } = first;
if (!ok && first.again && first.again.length <= MOST_AGAIN) {
  ({ ok } = await run(first.again, []));
  const names = first.again.map((file) => relative(process.cwd(), file)).join(", ");
  if (ok) process.stdout.write(`FLAKY: failed beside the others, passed alone: ${names}\n`);
}
rmSync(scratch, { recursive: true });
const failed = ok ? 0 : first.failed;
process.stdout.write(`${first.passed + first.failed - failed} passed, ${failed} failed\n`);
process.exit(ok ? 0 : 1);
