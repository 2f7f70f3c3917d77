/** Converts a plugin's tools to Tutti's: with the plugin's name as prefix, and subject to approval, since their effect is unknown. */
import { printable } from "../../protocol/printable.ts";
import { goodName } from "../config/plugin-spec.ts";
import { sha256 } from "../node/random.ts";
import type { Tool, ToolCallContext } from "../ports.ts";
import type { PluginResult, PluginTool } from "./plugin-connection.ts";
import { toToolResult } from "./tool-results.ts";
import { toObjectSchema } from "./tool-schema.ts";

/** Maximum characters of a description, since every request includes it. */
const MAX_DESCRIPTION = 8_000;
const MAX_TITLE = 100;

/** Calls the tool; rejects if the plugin is not available or the tool is not what was approved. */
export type RunPluginTool = (
  tool: PluginTool,
  input: Record<string, unknown>,
  context: ToolCallContext,
) => Promise<PluginResult>;

/** Models accept names of up to this length. */
const MAX_NAME = 64;
const HASH_LENGTH = 8;
/** Characters of a tool's own name that remain readable in a name that was made for it. */
const MIN_READABLE = 4;

/**
 * The name that the tool is offered under: the plugin's name and its own. If models cannot use that, the invalid characters are replaced,
 * it is shortened, and it ends with a hash of the original, so that it is stable and no two tools share it. Null if there is no space.
 */
export function getToolName(plugin: string, tool: string): string | null {
  const prefix = `${plugin}__`;
  if (goodName(prefix + tool) && goodName(tool)) return prefix + tool;
  const space = MAX_NAME - prefix.length - HASH_LENGTH - 1;
  if (space < MIN_READABLE) return null;
  const readable = tool.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, space);
  return `${prefix}${readable}_${sha256(tool).slice(0, HASH_LENGTH)}`;
}

/** Why the tool cannot be offered, or null. */
export const checkToolName = (plugin: string, tool: string): string | null =>
  getToolName(plugin, tool) !== null
    ? null
    : `its tool ${printable(JSON.stringify(tool))} cannot be offered: models accept names of up to ${MAX_NAME} characters, and the plugin's name is in front; give the plugin a shorter name`;

/** The tool as models get it; `name` is from getToolName. Calls reach the plugin's tool of the original name. */
export function toTool(name: string, tool: PluginTool, callTool: RunPluginTool): Tool<Record<string, unknown>> {
  const description = removeInvisible(tool.description).slice(0, MAX_DESCRIPTION) || (tool.title ?? tool.name);
  return {
    name,
    kind: "other",
    description: getFirstParagraph(description),
    long: description,
    schema: toObjectSchema(tool.schema),
    // Its effect is unknown, so calls run in order.
    parallel: false,
    parse(input) {
      if (typeof input === "object" && input !== null && !Array.isArray(input))
        return { ok: true, input: input as Record<string, unknown> };
      if (input === null || input === undefined) return { ok: true, input: {} };
      return { ok: false, problem: `${name}: the input must be an object` };
    },
    async prepare(input) {
      const values = Object.values(input).filter((value) => typeof value === "string" || typeof value === "number");
      const summary = printable(values.join(" ")).slice(0, MAX_TITLE);
      return {
        title: `${removeInvisible(tool.title ?? tool.name)}${summary === "" ? "" : ` ${summary}`}`,
        locations: [],
        accesses: [{ kind: "none" }],
        preview: printable(JSON.stringify(input, null, 2), { keepNewlines: true }),
      };
    },
    run: async (input, context) => toToolResult(await callTool(tool, input, context)),
  };
}

/** Removes characters that the user cannot see, so that the model does not see them either. */
const removeInvisible = (text: string): string =>
  printable(text, { keepNewlines: true }).replace(/\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\})/g, "");

const getFirstParagraph = (text: string): string => text.split(/\n\s*\n/, 1)[0] ?? text;
