/** What plugins offer to read, for a model: a list, or one of them by its address. */
import { printable } from "../../protocol/printable.ts";
import type { Tool } from "../ports.ts";
import type { Plugin } from "./host.ts";
import type { PluginResource } from "./link.ts";
import { toolResult } from "./results.ts";

export const READ = "read_resource";
const LISTED_MOST = 200;

interface Input {
  plugin: string | null;
  uri: string | null;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

export function readResource(plugins: readonly Plugin[]): Tool<Input> {
  const names = plugins.map(({ spec }) => spec.name);
  const description = `Read a resource of a plugin (${names.join(", ")}), or list what there is.`;
  return {
    name: READ,
    kind: "other",
    description,
    long: `${description}\n\nWithout "uri" the plugin's resources are listed; an address with {names} in it is a pattern to fill in.`,
    schema: {
      type: "object",
      properties: { plugin: { type: "string", enum: names }, uri: { type: "string" } },
      required: ["plugin"],
    },
    parallel: true,
    parse(input) {
      const { plugin, uri } = (input ?? {}) as { plugin?: unknown; uri?: unknown };
      const name = text(plugin);
      if (name !== null && !names.includes(name))
        return { ok: false, problem: `${READ}: "plugin" must be one of: ${names.join(", ")}` };
      return { ok: true, input: { plugin: name ?? names[0] ?? null, uri: text(uri) } };
    },
    plan: async ({ plugin, uri }) => ({
      title: `${plugin} ${printable(uri ?? "resources")}`,
      locations: [],
      wants: [{ kind: "none" }],
      preview: printable(uri ?? "list"),
    }),
    async run({ plugin, uri }, world) {
      const found = plugins.find(({ spec }) => spec.name === plugin);
      if (!found) return { ok: false, output: `There is no plugin ${plugin}.` };
      const link = await found.link();
      if (uri === null) return { ok: true, output: listed(await link.resources()) };
      const content = await link.read(uri, { signal: world.signal, timeoutMs: found.spec.timeoutMs });
      return toolResult({ content, failed: false });
    },
  };
}

function listed(resources: readonly PluginResource[]): string {
  if (resources.length === 0) return "(nothing)";
  const lines = resources.slice(0, LISTED_MOST).map(({ uri, name, title, description }) => {
    const what = [title ?? name, description].filter((part) => part !== "").join(": ");
    return printable(`${uri}  ${what}`);
  });
  const rest = resources.length - lines.length;
  return [...lines, ...(rest > 0 ? [`(${rest} more)`] : [])].join("\n");
}
