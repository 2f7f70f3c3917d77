// jq for the commands in the documentation, compiled to WebAssembly, so that machines without jq can run them.
import { readFileSync } from "node:fs";
import { raw } from "jq-wasm";

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith("-"));
const [filter = ".", ...files] = words.filter((word) => !word.startsWith("-"));
const text = files.length > 0 ? files.map((file) => readFileSync(file, "utf8")).join("\n") : readFileSync(0, "utf8");
try {
  const out = await raw(text, filter, flags);
  process.stdout.write(out === "" ? "" : `${out.replace(/\n$/, "")}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
