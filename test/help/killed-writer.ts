/** A program that replaces a file repeatedly with the real file port, until a test kills it. Argument: the path. */
import { openFiles } from "../../server/node/files.ts";

const [path = ""] = process.argv.slice(2);
const files = openFiles();
for (let round = 0; ; round += 1) {
  await files.write(path, new Uint8Array(20_000_000).fill(97 + (round % 2)));
  process.stdout.write("written\n");
}
