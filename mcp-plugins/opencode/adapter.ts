/**
 * Runs a plugin of OpenCode as a plugin of Tutti: `node adapter.cjs MODULE [--bun PATH] [FILE…]`. Its hooks and tools become
 * those of an MCP server. FILE… are other files of the plugin, which an approval covers.
 */
import { basename, dirname, extname, join } from "node:path";
import type { Host } from "../sdk/context.ts";
import type { Definition, JsonSchema } from "../sdk/definition.ts";
import { plugin } from "../sdk/plugin.ts";
import { createHooks } from "./hooks.ts";
import { type LoadedPlugin, loadPlugin } from "./loaded-plugin.ts";

async function run([module, ...more]: string[]): Promise<void> {
  if (module === undefined) throw new Error("Missing the module of the plugin.");
  const bun = more[0] === "--bun" ? (more[1] ?? null) : null;
  let host: Host | null = null;
  const directory = process.cwd();
  const program = join(dirname(process.argv[1] ?? ""), "plugin.mjs");
  const loaded = await loadPlugin({ program, bun, module, directory }, (level, text) => void host?.notify(text, level));
  host = await plugin(createDefinition(`opencode-${basename(module, extname(module))}`, loaded, directory)).serve();
}

function createDefinition(name: string, loaded: LoadedPlugin, directory: string): Definition {
  const { hooks, session } = createHooks(loaded, `${name}__`);
  const tools = Object.fromEntries(
    loaded.tools.map(({ name: tool, description, schema }) => [
      tool,
      {
        description,
        input: { ...schema, type: "object" } as JsonSchema,
        run: (args: Record<string, unknown>, { signal }: { signal: AbortSignal }) =>
          loaded.tool(
            tool,
            args,
            { sessionID: session(), messageID: "", agent: "", directory, worktree: directory },
            signal,
          ),
      },
    ]),
  );
  return { name, version: "1.0.0", hooks, ...(loaded.tools.length > 0 && { tools }) };
}

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
