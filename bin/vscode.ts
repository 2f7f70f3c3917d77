/** The entry point of the VS Code extension: passes it the server's paths, since extension/ does not import server/. */
import { homedir } from "node:os";
import { join } from "node:path";
import { activateExtension } from "../extension/main.ts";
import packageJson from "../package.json" with { type: "json" };
import { resolveConfigPaths } from "../server/config/paths.ts";
import { socketPath } from "../server/transport/socket-path.ts";

export const activate = (context: Parameters<typeof activateExtension>[0]): void =>
  activateExtension(context, {
    version: packageJson.version,
    serverOf(env) {
      const paths = resolveConfigPaths(env, process.platform, env.HOME ?? homedir());
      return { socket: socketPath(paths, process.platform), logFile: join(paths.dataDir, "server.log") };
    },
  });
