// `npm test`: builds what the tests start, runs every suite on three workers, which mostly wait, and closes with one line that any runner understands.
import { spawn, spawnSync } from "node:child_process";

const build = spawnSync(process.execPath, ["esbuild.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const args = [
  "node_modules/mocha/bin/mocha.js",
  "--parallel",
  "--jobs",
  "3",
  "--reporter",
  "dot",
  ...process.argv.slice(2),
];
const mocha = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
let tail = "";
mocha.stdout.on("data", (piece) => {
  process.stdout.write(piece);
  tail = (tail + piece).slice(-1_000_000);
});
mocha.on("close", (code, signal) => {
  const count = (word) => Number(new RegExp(`^ {2}(\\d+) ${word}`, "m").exec(tail)?.[1] ?? 0);
  const passed = count("passing");
  const failed = count("failing");
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exit(signal || passed === 0 ? 1 : (code ?? 1));
});
