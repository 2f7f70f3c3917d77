/** `npm run docs`: writes docs/protocol.md and docs/protocol.schema.json. */
import { writeFileSync } from "node:fs";
import { protocolPage, protocolSchema } from "./pages.ts";

const docs = new URL("../docs/", import.meta.url);
writeFileSync(new URL("protocol.md", docs), protocolPage());
writeFileSync(new URL("protocol.schema.json", docs), protocolSchema());
