/** Says when one of the configuration files was written, made or removed, once for each burst of changes. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";

export interface ConfigWatch {
  close(): Promise<void>;
}

/** Resolves when changes are seen from now on. Folders that are not there yet are not made; the nearest one above is watched. */
export async function watchConfig(files: readonly string[], changed: () => void, settleMs = 100): Promise<ConfigWatch> {
  const { watch } = await import("chokidar");
  const wanted = new Set(files);
  const folders = new Set(files.map((file) => nearestFolder(dirname(file))));
  // Folders on the way to a file are looked into, nothing beside them.
  const leads = (path: string) =>
    wanted.has(path) || folders.has(path) || files.some((file) => file.startsWith(`${path}/`));
  const watcher = watch([...folders], { ignoreInitial: true, ignored: (path) => !leads(path) });
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (_, path) => {
    if (!wanted.has(path)) return;
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
    timer.unref();
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once("ready", () => resolve());
    watcher.once("error", reject);
  });
  watcher.on("error", () => changed());
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
