/** Replaces a file atomically. */
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The file is readable by its owner only, and on disk when the promise resolves. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(
    folder,
    `.tutti-${process.getBuiltinModule("node:crypto").randomBytes(6).toString("hex")}.tmp`,
  );
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
