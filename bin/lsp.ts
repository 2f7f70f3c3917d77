/** The command line's way to the language server, which knows neither it nor the server. */
import type { Lsp } from "../cli/command.ts";

export async function serveEditor(how: Lsp, version: string): Promise<number> {
  const [{ runLsp }, { ownPaths }] = await Promise.all([import("../lsp/main.ts"), import("./attach.ts")]);
  return runLsp({ ...how, version, cacheDir: ownPaths().cacheDir });
}
