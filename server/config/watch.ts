/** Reports when a configuration file is written, created or removed, once for each burst of changes. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";

export interface ConfigWatch {
  close(): Promise<void>;
}

/** Resolves when the watch is active. For a missing folder, the nearest existing one above is watched. */
export async function watchConfig(
  files: readonly string[],
  onChange: () => void,
  settleMs = 100,
): Promise<ConfigWatch> {
  const { watch } = await import("chokidar");
  const watchedFiles = new Set(files);
  const folders = new Set(files.map((file) => nearestFolder(dirname(file))));
  // Only the folders on the path to a file are watched.
  const isWatched = (path: string) =>
    watchedFiles.has(path) || folders.has(path) || files.some((file) => file.startsWith(`${path}/`));
  const watcher = watch([...folders], { ignoreInitial: true, ignored: (path) => !isWatched(path) });
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (_, path) => {
    if (!watchedFiles.has(path)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs);
    timer.unref();
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once("ready", () => resolve());
    watcher.once("error", reject);
  });
  watcher.on("error", () => onChange());
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
