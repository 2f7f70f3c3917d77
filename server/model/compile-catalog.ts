/** Makes catalog.json from a file of gathered facts: `node server/model/compile-catalog.ts FACTS.json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { catalogSource, compactCatalog } from "./compact.ts";

const [facts] = process.argv.slice(2);
if (facts === undefined) throw new Error("Name the file of facts.");
const text = compactCatalog(catalogSource.parse(JSON.parse(readFileSync(facts, "utf8"))));
writeFileSync(new URL("catalog.json", import.meta.url), text);
process.stdout.write(`catalog.json has ${text.length} bytes now\n`);
