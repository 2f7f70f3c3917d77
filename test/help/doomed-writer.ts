/** A program that replaces one file again and again through the real port, to be killed by a test. Argument: the path. */
import { openFiles } from "../../server/node/files.ts";

const [path = ""] = process.argv.slice(2);
const files = openFiles();
for (let round = 0; ; round += 1) {
  await files.write(path, new Uint8Array(20_000_000).fill(97 + (round % 2)));
  process.stdout.write("written\n");
}
