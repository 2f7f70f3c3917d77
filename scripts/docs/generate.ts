/** `npm run docs`: writes the generated pages of docs/, and the generated tables inside other pages. */
import { readFileSync, writeFileSync } from "node:fs";
import { buildKeysTable } from "../../server/config/keys-table.ts";
import { buildConfigJsonSchema } from "../../server/config/schema.ts";
import { insertKeyTables } from "../../tui/keys/key-docs.ts";
import { pluginPage } from "./plugin-page.ts";
import { protocolPage, protocolSchema } from "./protocol-page.ts";

const docs = new URL("../../docs/", import.meta.url);
const write = (name: string, text: string): void => writeFileSync(new URL(name, docs), text);
const rewrite = (name: string, change: (page: string) => string): void =>
  write(name, change(readFileSync(new URL(name, docs), "utf8")));

const keysMarks = /(<!-- keys -->\n)[\s\S]*(\n<!-- end keys -->)/;

write("protocol.md", protocolPage());
write("protocol.schema.json", protocolSchema());
write("plugin-reference.md", pluginPage());
rewrite("configuration.md", (page) =>
  page.replace(
    keysMarks,
    (_, head: string, tail: string) => `${head}${buildKeysTable(buildConfigJsonSchema())}${tail}`,
  ),
);
rewrite("keys.md", insertKeyTables);
