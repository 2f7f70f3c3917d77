/** A program that runs a command with the real process port, until a test kills it. Arguments: the command, optionally `background`. */

import { findRipgrep } from "../../server/node/find-ripgrep.ts";
import { openProcesses } from "../../server/node/processes.ts";
import { redactor } from "./redactor.ts";

const [command = "", how = ""] = process.argv.slice(2);
const processes = openProcesses({ ripgrep: () => findRipgrep(), env: process.env, redactor });
const spec = {
  argv: ["/bin/sh", "-c", command],
  cwd: process.cwd(),
  onOutput: (text: string) => void process.stdout.write(text),
};
if (how === "background") await processes.background(spec);
else await processes.run(spec);
setInterval(() => undefined, 1000);
