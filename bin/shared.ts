/** The shared server, run in this process. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { Serve } from "../cli/command.ts";
import about from "../package.json" with { type: "json" };
import { socketPath } from "../server/faces/socket-path.ts";
import type { ServeOptions } from "../server/serve.ts";
import { ownPaths } from "./attach.ts";

export async function serveHere(how: Serve, start: ServeOptions["start"]): Promise<number> {
  const paths = ownPaths();
  const { serve } = await import("../server/serve.ts");
  return serve({
    ...how,
    start,
    ...(how.alsoAt !== undefined && { alsoAt: how.alsoAt }),
    ...(how.config !== undefined && { configFile: resolve(how.config) }),
    version: about.version,
    env: process.env,
    cwd: how.stdio ? process.cwd() : homedir(),
    dataDir: paths.dataDir,
    socket: socketPath(paths, process.platform),
  });
}
