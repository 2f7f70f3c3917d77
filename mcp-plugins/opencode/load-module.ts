/**
 * Loads the module of an OpenCode plugin. Under Node, imports work as they do under Bun: without an ending, and of OpenCode's own
 * packages, which are provided here.
 */
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";

const PROVIDED = Symbol.for("tutti.opencode");
const PACKAGE = /^@opencode-ai\/(plugin|sdk)(\/.*)?$/;
const URL_OF_PACKAGE = "tutti:opencode";

/** Types that plugins import without `type`. */
const TYPE_NAMES =
  `Plugin PluginInput PluginOptions PluginModule Hooks ToolContext ToolDefinition ToolResult AuthHook AuthOuathResult
  Event Session Message UserMessage AssistantMessage Part TextPart ToolPart Model Provider Project Permission Config Auth Todo
  OpencodeClient BunShell`.split(/\s+/);

const tool = Object.assign((definition: unknown) => definition, { schema: z });

const moduleText = `const provided = globalThis[Symbol.for("tutti.opencode")];
export const tool = provided.tool;
export const createOpencodeClient = provided.createOpencodeClient;
${TYPE_NAMES.map((name) => `export const ${name} = undefined;`).join("\n")}
export default {};`;

const ENDINGS = [".ts", ".js", ".mjs", ".tsx", "/index.ts", "/index.js"];

export async function loadModule(path: string): Promise<Record<string, unknown>> {
  Object.assign(globalThis, {
    [PROVIDED]: {
      tool,
      createOpencodeClient: () => {
        throw new Error("createOpencodeClient is not available to OpenCode plugins in Tutti.");
      },
    },
  });
  if (process.versions.bun === undefined) useNode();
  else await useBun();
  return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
}

function useNode(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (PACKAGE.test(specifier)) return { url: URL_OF_PACKAGE, format: "module", shortCircuit: true };
      try {
        return next(specifier, context);
      } catch (error) {
        if (!/^\.{0,2}\//.test(specifier)) throw error;
        // `./a.js` may be written for `a.ts`.
        for (const name of [...ENDINGS.map((ending) => specifier + ending), specifier.replace(/\.js$/, ".ts")]) {
          try {
            return next(name, context);
          } catch {
            // The next one may exist.
          }
        }
        throw error;
      }
    },
    load: (url, context, next) =>
      url === URL_OF_PACKAGE ? { format: "module", source: moduleText, shortCircuit: true } : next(url, context),
  });
}

interface BunGlobal {
  plugin(definition: {
    name: string;
    setup(build: { module(name: string, create: () => { exports: object; loader: "object" }): void }): void;
  }): void;
}

async function useBun(): Promise<void> {
  const bun = (globalThis as unknown as { Bun: BunGlobal }).Bun;
  bun.plugin({
    name: "tutti",
    setup(build) {
      for (const name of ["@opencode-ai/plugin", "@opencode-ai/plugin/tool", "@opencode-ai/sdk"])
        build.module(name, () => ({ exports: { tool }, loader: "object" }));
    },
  });
}

/** `FILE:LINE: MESSAGE`, with the place in the plugin's own files where it failed. */
export function describeLoadError(path: string, error: unknown): string {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const places = [...stack.matchAll(/(?:file:\/\/|\()?(\/[^\s():]+(?: [^\s():]+)*):(\d+)/g)];
  const own = places.find(
    ([, file = ""]) => !file.includes("/node_modules/") && !file.includes("/opencode/plugin.mjs"),
  );
  const [, file = path, line = "1"] = own ?? [];
  const runtime =
    process.versions.bun === undefined ? ` (under Node ${process.versions.node}; Bun is not installed)` : "";
  return `${decode(file)}:${line}: ${message.split("\n", 1)[0] ?? ""}${runtime}`;
}

function decode(file: string): string {
  try {
    return fileURLToPath(`file://${file}`);
  } catch {
    return file;
  }
}
