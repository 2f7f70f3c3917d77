/** `npm run docs`: writes docs/protocol.md, docs/protocol.schema.json and docs/plugin-reference.md. */
import { writeFileSync } from "node:fs";
import { protocolPage, protocolSchema } from "./pages.ts";
import { pluginPage } from "./plugin-pages.ts";

const docs = new URL("../docs/", import.meta.url);
writeFileSync(new URL("protocol.md", docs), protocolPage());
writeFileSync(new URL("protocol.schema.json", docs), protocolSchema());
writeFileSync(new URL("plugin-reference.md", docs), pluginPage());
