/** Starts the language server for the command line, which imports neither lsp/ nor server/. */
import type { StartLspOptions } from "../cli/command.ts";

export async function runLanguageServer(options: StartLspOptions, version: string): Promise<number> {
  const [{ runLsp }, { userPaths }] = await Promise.all([import("../lsp/main.ts"), import("./attach.ts")]);
  return runLsp({ ...options, version, cacheDir: userPaths().cacheDir });
}
