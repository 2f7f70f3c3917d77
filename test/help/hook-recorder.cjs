/** A hook: stores its input and the transcripts that it names, then runs the script of its answer with the input. */
const { spawnSync } = require("node:child_process");
const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const [folder, answer] = process.argv.slice(2);
const text = readFileSync(0, "utf8");
const input = JSON.parse(text);
const read = (path) => (path && existsSync(path) ? readFileSync(path, "utf8") : "");
const line = { input, transcript: read(input.transcript_path), agent: read(input.agent_transcript_path) };
appendFileSync(join(folder, "inputs.jsonl"), `${JSON.stringify(line)}\n`);
const { status } = spawnSync("/bin/sh", [answer], { input: text, stdio: ["pipe", "inherit", "inherit"] });
process.exit(status ?? 1);
