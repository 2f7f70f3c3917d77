/** A program that edits a file with a second hard link repeatedly, until a test kills it. Prints its path and that of the blobs. */
import { link } from "node:fs/promises";
import { write } from "../../server/tools/write.ts";
import { openToolBench } from "./tool-bench.ts";

const bench = await openToolBench();
const path = await bench.writeFile("one", "a".repeat(12_000_000));
await link(path, `${path}-2`);
bench.context.readTracker.markSeen(path, bench.context.hash("a".repeat(12_000_000)));
process.stdout.write(`${path}\n${bench.context.blobs.path("0".repeat(64))}\n`);
for (let round = 1; ; round += 1) {
  await bench.call(write, { path: "one", content: (round % 2 === 0 ? "a" : "b").repeat(12_000_000) });
  process.stdout.write("written\n");
}
