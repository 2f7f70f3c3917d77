/** Runs the shared server in this process. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { StartServerOptions } from "../cli/command.ts";
import packageJson from "../package.json" with { type: "json" };
import type { ServeOptions } from "../server/serve.ts";
import { socketPath } from "../server/transport/socket-path.ts";
import { userPaths } from "./attach.ts";

export async function runSharedServer(options: StartServerOptions, start: ServeOptions["start"]): Promise<number> {
  const paths = userPaths();
  const { serve } = await import("../server/serve.ts");
  return serve({
    ...options,
    start,
    ...(options.config !== undefined && { configFile: resolve(options.config) }),
    version: packageJson.version,
    env: { ...process.env, ...(options.config !== undefined && { TUTTI_CONFIG: resolve(options.config) }) },
    cwd: options.stdio ? process.cwd() : homedir(),
    dataDir: paths.dataDir,
    socket: socketPath(paths, process.platform),
  });
}
