/** The command line's way to the terminal UI, which knows neither it nor the server. Lines need nothing of what draws a screen. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { Tui } from "../cli/command.ts";
import { configPaths } from "../server/config/paths.ts";

export async function showTerminal(how: Tui, version: string): Promise<number> {
  const { dataDir, userFile } = configPaths(process.env, process.platform, process.env.HOME ?? homedir());
  const configFile = process.env.TUTTI_CONFIG ? resolve(process.env.TUTTI_CONFIG) : userFile;
  const { shape, ...asked } = how;
  const options = { ...asked, version, dataDir, configFile };
  if (shape === "line") return (await import("../tui/line/main.ts")).runLines(options);
  return (await import("../tui/main.ts")).runTui({ ...options, shape });
}
