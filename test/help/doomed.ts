/** A program that runs a command through the real port and waits, to be killed by a test. Argument: the command, then `background` or nothing. */
import { openProcesses } from "../../server/node/processes.ts";
import { findRipgrep } from "../../server/node/ripgrep.ts";

const [command = "", how = ""] = process.argv.slice(2);
const processes = openProcesses({ ripgrep: findRipgrep(), env: process.env });
const spec = {
  argv: ["/bin/sh", "-c", command],
  cwd: process.cwd(),
  onOutput: (text: string) => void process.stdout.write(text),
};
if (how === "background") await processes.background(spec);
else await processes.run(spec);
setInterval(() => undefined, 1000);
