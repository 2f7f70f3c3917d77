/** Where Tutti keeps its files, from the environment alone: nothing is looked at or made here. */
import { posix, win32 } from "node:path";

export interface ConfigPaths {
  configDir: string;
  dataDir: string;
  cacheDir: string;
  /** For the local socket: cleared at logout where the system offers such a place. */
  runtimeDir: string;
  userFile: string;
  /** What was granted to folders. */
  trustFile: string;
  /** Written by whoever runs the machine. */
  managedFile: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** `TUTTI_DATA_DIR` takes the socket with it, so that two folders of data are two servers. Relative XDG paths do not count. */
export function configPaths(env: Environment, platform: string, home: string): ConfigPaths {
  const { join, isAbsolute } = platform === "win32" ? win32 : posix;
  const given = (name: string): string | undefined => {
    const value = env[name];
    return value !== undefined && value !== "" && isAbsolute(value) ? value : undefined;
  };
  const base = bases(platform, home, join, given);
  const ownData = given("TUTTI_DATA_DIR");
  const dataDir = ownData ?? base.data;
  const run = given("XDG_RUNTIME_DIR");
  return {
    configDir: base.config,
    dataDir,
    cacheDir: base.cache,
    runtimeDir: run !== undefined && ownData === undefined ? join(run, "tutti") : join(dataDir, "run"),
    userFile: join(base.config, "tutti.jsonc"),
    trustFile: join(dataDir, "trust.json"),
    managedFile: base.managed,
  };
}

function bases(
  platform: string,
  home: string,
  join: (...parts: string[]) => string,
  given: (name: string) => string | undefined,
) {
  const xdg = (name: string, otherwise: string) => {
    const folder = given(name);
    return folder === undefined ? otherwise : join(folder, "tutti");
  };
  switch (platform) {
    case "win32": {
      const roaming = given("APPDATA") ?? join(home, "AppData", "Roaming");
      const local = given("LOCALAPPDATA") ?? join(home, "AppData", "Local");
      return {
        config: xdg("XDG_CONFIG_HOME", join(roaming, "tutti")),
        data: xdg("XDG_DATA_HOME", join(local, "tutti", "data")),
        cache: xdg("XDG_CACHE_HOME", join(local, "tutti", "cache")),
        managed: join(given("ProgramData") ?? "C:\\ProgramData", "tutti", "tutti.jsonc"),
      };
    }
    case "darwin":
      return {
        config: xdg("XDG_CONFIG_HOME", join(home, ".config", "tutti")),
        data: xdg("XDG_DATA_HOME", join(home, "Library", "Application Support", "tutti")),
        cache: xdg("XDG_CACHE_HOME", join(home, "Library", "Caches", "tutti")),
        managed: "/Library/Application Support/tutti/tutti.jsonc",
      };
    default:
      return {
        config: xdg("XDG_CONFIG_HOME", join(home, ".config", "tutti")),
        data: xdg("XDG_DATA_HOME", join(home, ".local", "share", "tutti")),
        cache: xdg("XDG_CACHE_HOME", join(home, ".cache", "tutti")),
        managed: "/etc/tutti/tutti.jsonc",
      };
  }
}
