/** Paths as people read them. */
import { relative as between } from "node:path";

/** From the folder that one is in; whole where that is shorter or leads out of it. */
export function relative(folder: string, path: string): string {
  const way = between(folder, path);
  return way === "" || way.startsWith("..") ? path : way;
}

/** With `~` for the home folder. */
export function tilde(path: string, home: string | undefined): string {
  return home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;
}
