/** Whether a path lies in a folder, by the text of both, which must be real paths. Pure: the permission policy uses it, too. */
import { sep } from "node:path";

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
