/** The settings of the desktop window, in a file. One that cannot be read counts as the default. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type DesktopSettings, defaultSettings } from "./tray.ts";

export function readSettings(file: string): DesktopSettings {
  try {
    const stored = JSON.parse(readFileSync(file, "utf8")) as Partial<Record<keyof DesktopSettings, unknown>>;
    return { startAtLogin: stored.startAtLogin === true, shortcut: stored.shortcut === true };
  } catch {
    return defaultSettings;
  }
}

export function writeSettings(file: string, settings: DesktopSettings): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(settings)}\n`);
  renameSync(`${file}.new`, file);
}
