/** A plugin's tools as Tutti's: named after the plugin, asked about like everything whose effect is not known, and run there. */
import { printable } from "../../protocol/printable.ts";
import type { CallWorld, Tool } from "../ports.ts";
import type { PluginResult, PluginTool } from "./link.ts";
import { toolResult } from "./results.ts";
import { goodName } from "./spec.ts";

/** What a description may hold; a longer one is a burden on every request. */
const DESCRIPTION_MOST = 8_000;
const TITLE_MOST = 100;

/** Calls the tool; rejects where the plugin cannot be reached, or the tool is not what was approved. */
export type Runs = (tool: PluginTool, input: Record<string, unknown>, world: CallWorld) => Promise<PluginResult>;

export const toolName = (plugin: string, tool: string): string => `${plugin}__${tool}`;

/** Why the tool cannot be offered, or null. */
export const nameProblem = (plugin: string, tool: string): string | null =>
  goodName(toolName(plugin, tool)) && goodName(tool)
    ? null
    : `its tool ${printable(JSON.stringify(tool))} has a name that models cannot use; a name is 1 to 64 of A-Z, a-z, 0-9, _ and -, with the plugin's name in front`;

export function asTool(plugin: string, tool: PluginTool, runs: Runs): Tool<Record<string, unknown>> {
  const name = toolName(plugin, tool.name);
  const { $schema: _, ...schema } = tool.schema;
  const description = withoutHidden(tool.description).slice(0, DESCRIPTION_MOST) || (tool.title ?? tool.name);
  return {
    name,
    kind: "other",
    description: firstParagraph(description),
    long: description,
    schema: schema.type === "object" ? schema : { type: "object", properties: {} },
    // What it does is not known, so the order in which a model calls is kept.
    parallel: false,
    parse(input) {
      if (typeof input === "object" && input !== null && !Array.isArray(input))
        return { ok: true, input: input as Record<string, unknown> };
      if (input === null || input === undefined) return { ok: true, input: {} };
      return { ok: false, problem: `${name}: the input must be an object` };
    },
    async plan(input) {
      const words = Object.values(input).filter((value) => typeof value === "string" || typeof value === "number");
      const said = printable(words.join(" ")).slice(0, TITLE_MOST);
      return {
        title: `${withoutHidden(tool.title ?? tool.name)}${said === "" ? "" : ` ${said}`}`,
        locations: [],
        wants: [{ kind: "none" }],
        preview: printable(JSON.stringify(input, null, 2), { keepNewlines: true }),
      };
    },
    run: async (input, world) => toolResult(await runs(tool, input, world)),
  };
}

/** For a model: what people cannot see is not said to it either. */
const withoutHidden = (text: string): string =>
  printable(text, { keepNewlines: true }).replace(/\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\})/g, "");

const firstParagraph = (text: string): string => text.split(/\n\s*\n/, 1)[0] ?? text;
