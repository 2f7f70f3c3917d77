/**
 * The same beginning as entry.ts, for a start that will probably be the terminal UI: that is at hand, and the server is loaded only
 * where it is needed in this process. What a command line means is decided behind both.
 */
import about from "../package.json" with { type: "json" };
import { begin } from "./begin.ts";
import { showTerminal } from "./tui.ts";

export function main(): void {
  const { version } = about;
  begin({
    version,
    async connect(how) {
      const { attach } = how;
      if (attach !== undefined) return (await import("./attach.ts")).attach({ ...how, attach });
      return (await import("./entry.ts")).connect(how);
    },
    serve: async (how) => (await import("./entry.ts")).serve(how),
    rehearse: async (how) => (await import("./rehearse.ts")).serveScenario(how),
    acp: async (how) => (await import("./entry.ts")).acp(how),
    tui: (how) => showTerminal(how, version),
    lsp: async (how) => (await import("./lsp.ts")).serveEditor(how, version),
  });
}
