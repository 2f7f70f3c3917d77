// `npm test`: builds what the tests start, runs every suite on three workers, which mostly wait, and closes with one line that any runner understands.
import { spawn, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";

/** Those that take longest, so that they do not begin when all others have ended. */
const first = [
  "test/extension/vscode.test.ts",
  "test/tui/screen/golden.test.ts",
  "test/docs/commands.test.ts",
  "test/outside/conformance.test.ts",
  "test/tui/screen/mouse.test.ts",
  "test/tui/screen/work.test.ts",
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
const files = named.length > 0 ? named : [...first, ...more.filter((file) => !first.includes(file))];

const args = ["node_modules/mocha/bin/mocha.js", "--no-config", ...flags, "--parallel", "--jobs", "3"];
const mocha = spawn(process.execPath, [...args, "--reporter", "dot", ...files], {
  stdio: ["ignore", "pipe", "inherit"],
});
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
