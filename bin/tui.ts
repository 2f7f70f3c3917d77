/** Starts the terminal UI for the command line, which imports neither tui/ nor server/. Line mode does not load the screen code. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { StartTuiOptions } from "../cli/command.ts";
import { resolveConfigPaths } from "../server/config/paths.ts";

export async function runTerminalUi(startOptions: StartTuiOptions, version: string): Promise<number> {
  const { dataDir, userFile } = resolveConfigPaths(process.env, process.platform, process.env.HOME ?? homedir());
  const configFile = process.env.TUTTI_CONFIG ? resolve(process.env.TUTTI_CONFIG) : userFile;
  const { screenMode, ...rest } = startOptions;
  const options = { ...rest, version, dataDir, configFile };
  if (screenMode === "line") return (await import("../tui/line/main.ts")).runLines(options);
  return (await import("../tui/main.ts")).runTui({ ...options, screenMode });
}
