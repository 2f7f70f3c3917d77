/** The entry point of the desktop window: gives it the local server of this user. */
import { homedir } from "node:os";
import { join } from "node:path";
import { connectLocal } from "../client/local.ts";
import { runDesktop } from "../desktop/main.ts";
import packageJson from "../package.json" with { type: "json" };
import { resolveConfigPaths } from "../server/config/paths.ts";
import { socketPath } from "../server/transport/socket-path.ts";

runDesktop({
  connect(program) {
    const paths = resolveConfigPaths(process.env, process.platform, process.env.HOME ?? homedir());
    const start = {
      argv: [process.execPath, program, "serve"] as const,
      logFile: join(paths.dataDir, "server.log"),
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    };
    const client = { name: "desktop", version: packageJson.version };
    return connectLocal({ socket: socketPath(paths, process.platform), start }, { client, answers: false });
  },
});
