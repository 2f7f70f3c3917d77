/** The path of the local socket of a data folder; a named pipe on Windows. */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { ConfigPaths } from "../config/paths.ts";

export function socketPath({ runtimeDir, dataDir }: ConfigPaths, platform: string): string {
  if (platform !== "win32") return posix.join(runtimeDir, "tutti.sock");
  return `\\\\.\\pipe\\tutti-${createHash("sha256").update(dataDir.toLowerCase()).digest("hex").slice(0, 32)}`;
}
