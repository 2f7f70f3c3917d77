/** Starts the terminal UI for the command line, which imports neither tui/ nor server/. Line mode does not load the screen code. */
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { StartTuiOptions } from "../cli/command.ts";
import { TuttiError } from "../protocol/errors.ts";
import { resolveConfigPaths } from "../server/config/paths.ts";

export async function runTerminalUi(startOptions: StartTuiOptions, version: string): Promise<number> {
  const { dataDir, configFile } = findPaths();
  const theme = await resolveTheme(startOptions.theme);
  const { screenMode, ...rest } = startOptions;
  const options = { ...rest, theme, version, dataDir, configFile };
  const openBrowser = async (address: string) => (await import("../cli/browser.ts")).openBrowser(address);
  if (screenMode === "line") return (await import("../tui/line/main.ts")).runLines(options);
  return (await import("../tui/main.ts")).runTui({ ...options, screenMode, openBrowser });
}

export async function listThemes(): Promise<string[]> {
  const { listThemeNames } = await import("../tui/theme/load.ts");
  return listThemeNames(await findThemeFolders());
}

/** A plugin's theme is known only when the server is connected. */
async function resolveTheme(wanted: string): Promise<string> {
  if (wanted === "" || wanted.includes("/")) return wanted;
  const { findThemeName } = await import("../tui/theme/load.ts");
  const found = await findThemeName(wanted, await findThemeFolders());
  if ("problem" in found) throw new TuttiError("usage", found.problem);
  return found.name;
}

async function findThemeFolders(): Promise<{ builtIn: string; user: string }> {
  const { builtInThemeFolder } = await import("../tui/theme/load.ts");
  return { builtIn: builtInThemeFolder(), user: join(dirname(findPaths().configFile), "themes") };
}

function findPaths(): { dataDir: string; configFile: string } {
  const { dataDir, userFile } = resolveConfigPaths(process.env, process.platform, process.env.HOME ?? homedir());
  return { dataDir, configFile: process.env.TUTTI_CONFIG ? resolve(process.env.TUTTI_CONFIG) : userFile };
}
