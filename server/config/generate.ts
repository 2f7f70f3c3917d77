/** `npm run docs`: puts the table of configuration keys between its marks in docs/configuration.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keysTable } from "./pages.ts";
import { configSchema } from "./schema.ts";

const path = join(import.meta.dirname, "../../docs/configuration.md");
const marks = /(<!-- keys -->\n)[\s\S]*(\n<!-- end keys -->)/;
const page = readFileSync(path, "utf8");
writeFileSync(
  path,
  page.replace(marks, (_, head: string, tail: string) => `${head}${keysTable(configSchema())}${tail}`),
);
