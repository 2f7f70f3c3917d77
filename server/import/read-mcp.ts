/** MCP servers in the files of other programs, and in Codex's `config.toml`. */
import { join } from "node:path";
import { addPlugins, createSource, type ImportInput, type ImportSource, readSourceFile } from "./import-source.ts";
import { parseJson } from "./read-claude.ts";

/** The file, and the key of its servers. `~/.claude.json` is left out: Tutti reads it where it is. */
const listFiles = (home: string): [file: string, key: string][] => [
  [join(home, ".cursor", "mcp.json"), "mcpServers"],
  [join(home, ".codeium", "windsurf", "mcp_config.json"), "mcpServers"],
  [join(home, ".gemini", "settings.json"), "mcpServers"],
  [join(home, ".config", "Claude", "claude_desktop_config.json"), "mcpServers"],
  [join(home, "Library", "Application Support", "Claude", "claude_desktop_config.json"), "mcpServers"],
  [join(home, ".config", "Code", "User", "mcp.json"), "servers"],
];

export function readMcp({ home }: ImportInput): ImportSource {
  const source = createSource();
  for (const [file, key] of listFiles(home)) {
    const text = readSourceFile(source, file);
    if (text === null) continue;
    const settings = parseJson(text);
    if (settings === null) source.skipped.push({ from: file, reason: "It is not a JSON object." });
    else addPlugins(source, `${file}: ${key}`, settings[key]);
  }
  return source;
}

export function readCodex({ home, env }: ImportInput): ImportSource {
  const source = createSource();
  const file = join(env.CODEX_HOME || join(home, ".codex"), "config.toml");
  const text = readSourceFile(source, file);
  if (text === null) return source;
  const tables = parseToml(text, (line) =>
    source.skipped.push({ from: `${file}:${line}`, reason: "This line is not read; bring it over yourself." }),
  );
  const servers: Record<string, Record<string, unknown>> = {};
  for (const { name, values } of tables) {
    const [, server, part] = /^mcp_servers\.("?[\w-]+"?)(?:\.(env|http_headers))?$/.exec(name) ?? [];
    if (server !== undefined) {
      const key = server.replaceAll('"', "");
      const known = servers[key] ?? {};
      servers[key] =
        part === undefined ? { ...known, ...values } : { ...known, [part === "env" ? "env" : "headers"]: values };
    } else
      for (const [key, value] of Object.entries(values)) {
        const from = `${file}: ${name === "" ? key : `${name}.${key}`}`;
        if (name === "" && key === "model" && typeof value === "string")
          source.settings.push({ path: ["model"], value: value.includes("/") ? value : `openai/${value}`, from });
        else source.skipped.push({ from, reason: "Tutti has no such setting." });
      }
  }
  addPlugins(source, `${file}: mcp_servers`, servers);
  return source;
}

interface Table {
  name: string;
  values: Record<string, unknown>;
}

/** The part of TOML that such a file usually has: tables, and strings, numbers, booleans and flat lists on one line. */
function parseToml(text: string, onUnknown: (line: number) => void): Table[] {
  const tables: Table[] = [{ name: "", values: {} }];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const table = /^\[([^[\]]+)\]\s*(#.*)?$/.exec(line)?.[1];
    const [, key, value = ""] = /^"?([\w.-]+)"?\s*=\s*(.+)$/.exec(line) ?? [];
    const parsed = table === undefined && key !== undefined ? parseTomlValue(value) : undefined;
    if (table !== undefined) tables.push({ name: table.trim(), values: {} });
    else if (key !== undefined && parsed !== undefined) Object.assign(tables.at(-1)?.values ?? {}, { [key]: parsed });
    else onUnknown(index + 1);
  }
  return tables;
}

function parseTomlValue(text: string): unknown {
  const literal = /^'([^']*)'\s*(#.*)?$/.exec(text)?.[1];
  if (literal !== undefined) return literal;
  const inline = /^\{(.*)\}\s*(#.*)?$/.exec(text)?.[1];
  const json =
    inline === undefined
      ? text.replace(/^("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[\w.-]+)\s*#.*$/, "$1").replace(/,\s*\]$/, "]")
      : `{${inline.replaceAll(/(^|,)\s*"?([\w-]+)"?\s*=/g, '$1"$2":')}}`;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
