/** Whether a folder is in a git repository, for ripgrep: in one, no .gitignore above it counts; elsewhere, each one does. */
import { dirname, join } from "node:path";

export async function isInRepository(folder: string, exists: (path: string) => Promise<boolean>): Promise<boolean> {
  if (await exists(join(folder, ".git"))) return true;
  const parent = dirname(folder);
  return parent !== folder && isInRepository(parent, exists);
}
