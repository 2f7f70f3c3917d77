/** A program that creates a session and writes to it until it is killed. Arguments: the data folder, the session ID. */
import { openSessionStore } from "../../server/node/store.ts";
import { redactor } from "./redactor.ts";

const [dataDir = "", id = ""] = process.argv.slice(2);
const file = await openSessionStore(dataDir, redactor.text).create(id);
file.append("line 1\n");
process.stdout.write("held\n");
setInterval(() => file.append("another\n"), 20);
