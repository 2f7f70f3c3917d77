/** The paths of Tutti's files, from the environment only. Does not access the disk. */
import { posix, win32 } from "node:path";

export interface ConfigPaths {
  configDir: string;
  dataDir: string;
  cacheDir: string;
  /** For the local socket. Cleared at logout if the system supports it. */
  runtimeDir: string;
  userFile: string;
  /** The trust that was granted to folders. */
  trustFile: string;
  /** Written by the administrator. */
  managedFile: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** `TUTTI_DATA_DIR` also moves the socket, so that two data folders have two servers. Relative XDG paths are ignored. */
export function resolveConfigPaths(env: Environment, platform: string, home: string): ConfigPaths {
  const { join, isAbsolute } = platform === "win32" ? win32 : posix;
  const readAbsolutePath = (name: string): string | undefined => {
    const value = env[name];
    return value !== undefined && value !== "" && isAbsolute(value) ? value : undefined;
  };
  const base = resolveBaseFolders(platform, home, join, readAbsolutePath);
  const ownData = readAbsolutePath("TUTTI_DATA_DIR");
  const dataDir = ownData ?? base.data;
  const run = readAbsolutePath("XDG_RUNTIME_DIR");
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

function resolveBaseFolders(
  platform: string,
  home: string,
  join: (...parts: string[]) => string,
  readAbsolutePath: (name: string) => string | undefined,
) {
  const xdg = (name: string, fallback: string) => {
    const folder = readAbsolutePath(name);
    return folder === undefined ? fallback : join(folder, "tutti");
  };
  switch (platform) {
    case "win32": {
      const roaming = readAbsolutePath("APPDATA") ?? join(home, "AppData", "Roaming");
      const local = readAbsolutePath("LOCALAPPDATA") ?? join(home, "AppData", "Local");
      return {
        config: xdg("XDG_CONFIG_HOME", join(roaming, "tutti")),
        data: xdg("XDG_DATA_HOME", join(local, "tutti", "data")),
        cache: xdg("XDG_CACHE_HOME", join(local, "tutti", "cache")),
        managed: join(readAbsolutePath("ProgramData") ?? "C:\\ProgramData", "tutti", "tutti.jsonc"),
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
