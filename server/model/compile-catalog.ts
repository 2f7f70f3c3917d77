/** Generates catalog.json from collected provider data: `node server/model/compile-catalog.ts DATA.json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { catalogSource, encodeCatalog } from "./catalog-encode.ts";

const [dataFile] = process.argv.slice(2);
if (dataFile === undefined) throw new Error("Pass the data file: node server/model/compile-catalog.ts DATA.json");
const text = encodeCatalog(catalogSource.parse(JSON.parse(readFileSync(dataFile, "utf8"))));
writeFileSync(new URL("catalog.json", import.meta.url), text);
process.stdout.write(`catalog.json has ${text.length} bytes now\n`);
