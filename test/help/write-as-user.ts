/** A program that writes a file with the real file port and prints the error, if any. Arguments: path, content. */
import { openFiles } from "../../server/node/files.ts";

const [path = "", content = ""] = process.argv.slice(2);
try {
  await openFiles().write(path, new TextEncoder().encode(content));
} catch (error) {
  process.stdout.write(String(error));
}
