/** A tool for plugin resources: lists them, or reads one by its URI. */
import { printable } from "../../protocol/printable.ts";
import type { Tool } from "../ports.ts";
import type { Plugin } from "./host.ts";
import type { PluginResource } from "./plugin-connection.ts";
import { toToolResult } from "./tool-results.ts";

export const READ_RESOURCE = "read_resource";
const MAX_LISTED = 200;

interface Input {
  plugin: string | null;
  uri: string | null;
}

const toText = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

export function createReadResource(plugins: readonly Plugin[]): Tool<Input> {
  const names = plugins.map(({ spec }) => spec.name);
  const description = `Read a resource of a plugin (${names.join(", ")}), or list the available ones.`;
  return {
    name: READ_RESOURCE,
    kind: "other",
    description,
    long: `${description}\n\nWithout "uri" the plugin's resources are listed; a URI with {names} is a template to fill in.`,
    schema: {
      type: "object",
      properties: { plugin: { type: "string", enum: names }, uri: { type: "string" } },
      required: ["plugin"],
    },
    parallel: true,
    parse(input) {
      const { plugin, uri } = (input ?? {}) as { plugin?: unknown; uri?: unknown };
      const name = toText(plugin);
      if (name !== null && !names.includes(name))
        return { ok: false, problem: `${READ_RESOURCE}: "plugin" must be one of: ${names.join(", ")}` };
      return { ok: true, input: { plugin: name ?? names[0] ?? null, uri: toText(uri) } };
    },
    prepare: async ({ plugin, uri }) => ({
      title: `${plugin} ${printable(uri ?? "resources")}`,
      locations: [],
      accesses: [{ kind: "none" }],
      preview: printable(uri ?? "list"),
    }),
    async run({ plugin, uri }, context) {
      const found = plugins.find(({ spec }) => spec.name === plugin);
      if (!found) return { ok: false, output: `There is no plugin ${plugin}.` };
      const connection = await found.connect();
      if (uri === null) return { ok: true, output: formatResources(await connection.resources()) };
      const content = await connection.read(uri, { signal: context.signal, timeoutMs: found.spec.timeoutMs });
      return toToolResult({ content, failed: false });
    },
  };
}

function formatResources(resources: readonly PluginResource[]): string {
  if (resources.length === 0) return "(no resources)";
  const lines = resources.slice(0, MAX_LISTED).map(({ uri, name, title, description }) => {
    const label = [title ?? name, description].filter((part) => part !== "").join(": ");
    return printable(`${uri}  ${label}`);
  });
  const rest = resources.length - lines.length;
  return [...lines, ...(rest > 0 ? [`(${rest} more)`] : [])].join("\n");
}
