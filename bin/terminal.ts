/**
 * The entry point for a start without a command, most likely the terminal UI: it is bundled here, while the server is loaded only if it
 * is needed in this process. Parses the command line exactly as entry.ts does.
 */
import packageJson from "../package.json" with { type: "json" };
import { runProgram } from "./begin.ts";
import { listThemes, runTerminalUi } from "./tui.ts";

export function main(): void {
  const { version } = packageJson;
  runProgram({
    version,
    async connect(options) {
      const { attach } = options;
      if (attach !== undefined) return (await import("./attach.ts")).attach({ ...options, attach });
      return (await import("./entry.ts")).connect(options);
    },
    serve: async (options) => (await import("./entry.ts")).serve(options),
    rehearse: async (options) => (await import("./rehearse.ts")).serveScenario(options),
    acp: async (options) => (await import("./entry.ts")).acp(options),
    tui: (options) => runTerminalUi(options, version),
    hub: async (options) => (await import("./hub.ts")).runHub(options),
    listThemes,
    dataFolder: async () => (await import("./attach.ts")).userPaths().dataDir,
    lsp: async (options) => (await import("./lsp.ts")).runLanguageServer(options, version),
  });
}
