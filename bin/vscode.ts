/** Where the extension for VS Code begins: joins it to what it must know of the server, which do not know each other. */
import { homedir } from "node:os";
import { join } from "node:path";
import { begin } from "../extension/main.ts";
import about from "../package.json" with { type: "json" };
import { configPaths } from "../server/config/paths.ts";
import { socketPath } from "../server/faces/socket-path.ts";

export const activate = (context: Parameters<typeof begin>[0]): void =>
  begin(context, {
    version: about.version,
    serverOf(env) {
      const paths = configPaths(env, process.platform, env.HOME ?? homedir());
      return { socket: socketPath(paths, process.platform), logFile: join(paths.dataDir, "server.log") };
    },
  });
