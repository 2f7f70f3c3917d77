/** Converts a plugin's tools to Tutti's: with the plugin's name as prefix, and subject to approval, since their effect is unknown. */
import { printable } from "../../protocol/printable.ts";
import { goodName } from "../config/plugin-spec.ts";
import type { Tool, ToolCallContext } from "../ports.ts";
import type { PluginResult, PluginTool } from "./plugin-connection.ts";
import { toToolResult } from "./tool-results.ts";

/** Maximum characters of a description, since every request includes it. */
const MAX_DESCRIPTION = 8_000;
const MAX_TITLE = 100;

/** Calls the tool; rejects if the plugin is not available or the tool is not what was approved. */
export type RunPluginTool = (
  tool: PluginTool,
  input: Record<string, unknown>,
  context: ToolCallContext,
) => Promise<PluginResult>;

export const getToolName = (plugin: string, tool: string): string => `${plugin}__${tool}`;

/** Why the tool cannot be offered, or null. */
export const checkToolName = (plugin: string, tool: string): string | null =>
  goodName(getToolName(plugin, tool)) && goodName(tool)
    ? null
    : `its tool ${printable(JSON.stringify(tool))} has a name that models cannot use; a name is 1 to 64 of A-Z, a-z, 0-9, _ and -, with the plugin's name in front`;

export function toTool(plugin: string, tool: PluginTool, callTool: RunPluginTool): Tool<Record<string, unknown>> {
  const name = getToolName(plugin, tool.name);
  const { $schema: _, ...schema } = tool.schema;
  const description = removeInvisible(tool.description).slice(0, MAX_DESCRIPTION) || (tool.title ?? tool.name);
  return {
    name,
    kind: "other",
    description: getFirstParagraph(description),
    long: description,
    schema: schema.type === "object" ? schema : { type: "object", properties: {} },
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
