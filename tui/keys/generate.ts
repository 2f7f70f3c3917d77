/** `npm run docs`: puts the key tables between their marks in docs/keys.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { withTables } from "./pages.ts";

const path = new URL("../../docs/keys.md", import.meta.url);
writeFileSync(path, withTables(readFileSync(path, "utf8")));
