/** docs/plugins-shipped.md lists every included plugin, with its actual tools and variables. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../help/build.ts";
import { includedPlugin, start } from "./connect.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "mcp-plugins");
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "main.ts")));

interface Row {
  variables: string[];
  tools: string[];
}

function parseRow(page: string, name: string): Row {
  const line = page.split("\n").find((one) => one.startsWith(`| \`${name}\` |`)) ?? "";
  const [, , variables = "", tools = ""] = line.split(" | ");
  const quoted = (cell: string, shape: RegExp): string[] => [...cell.matchAll(shape)].map(([, found]) => found ?? "");
  return { variables: quoted(variables, /`([A-Z][A-Z_]+)`/g), tools: quoted(tools, /`(\w+)`/g) };
}

/** Environment variables that the plugin's own sources read. */
function findVariables(name: string): string[] {
  const sources = readdirSync(join(folder, name)).map((file) => readFileSync(join(folder, name, file), "utf8"));
  const named = /(?:process\.env\.|\benv\.|setting\("|requireSetting\("|urlSetting\(\s*")([A-Z][A-Z_]+)/g;
  const found = sources.flatMap((text) => [...text.matchAll(named)].map(([, variable]) => variable ?? ""));
  return [...new Set(found)].filter((variable) => !["PATH", "HOME", "VIRTUAL_ENV"].includes(variable)).toSorted();
}

describe("docs/plugins-shipped.md", function () {
  this.timeout(60_000);
  let page: string;
  before(() => {
    build();
    page = readFileSync(join(root, "docs/plugins-shipped.md"), "utf8");
  });

  for (const name of names)
    it(`lists the tools and variables of ${name}`, async () => {
      const row = parseRow(page, name);
      const plugin = await start(includedPlugin(name));
      const hasTools = plugin.client.getServerCapabilities()?.tools !== undefined;
      const tools = hasTools ? (await plugin.client.listTools()).tools : [];
      await plugin.close();
      assert.deepEqual(
        row.tools,
        tools.map((tool) => tool.name),
      );
      assert.deepEqual(row.variables.toSorted(), findVariables(name));
    });
});
