/** A program with a file size limit that writes a log until writing fails, and prints the errors. Argument: the data folder. */
import { openSessionStore } from "../../server/node/store.ts";
import { readLog } from "./agent-bench.ts";
import { redactor } from "./redactor.ts";

const store = openSessionStore(process.argv[2] ?? "", redactor.text);
const file = await store.create("one");
file.append("a line that fits\n");
const before = await readLog(store, "one");
const refusal = (text: string): { code: string; message: string } => {
  try {
    file.append(text);
    return { code: "none", message: "" };
  } catch (error) {
    return error as { code: string; message: string };
  }
};
const { code, message } = refusal(`${"x".repeat(100_000)}\n`);
const after = await readLog(store, "one");
const { code: again } = refusal(`${"y".repeat(100_000)}\n`);
process.stdout.write(JSON.stringify({ before, code, message, after, again }));
