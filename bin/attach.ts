/** The command line's way to a server that runs already, or is started for it. */
import { homedir } from "node:os";
import { join } from "node:path";
import { wrong } from "../cli/args.ts";
import type { Connect } from "../cli/command.ts";
import type { Link } from "../client/link.ts";
import { connectLocal, connectTo } from "../client/local.ts";
import about from "../package.json" with { type: "json" };
import { type ConfigPaths, configPaths } from "../server/config/paths.ts";
import { socketPath } from "../server/faces/socket-path.ts";

export async function attach(how: Connect & { attach: string }): Promise<Link> {
  const fixed: [string, boolean][] = [
    ["--config", how.config !== undefined],
    ["--base-url", how.provider !== undefined],
    ["--record", how.record !== undefined],
    ["--replay", how.replay !== undefined],
    ["--no-project", !how.project],
    ["--trust", how.trusted !== undefined],
  ];
  const given = fixed.find(([, on]) => on);
  if (given) throw wrong(`${given[0]} cannot change a server that runs already; leave it away with --attach.`);
  const hello = { client: { name: how.client ?? "tutti", version: about.version }, answers: how.answers };
  const tokenFile = how.tokenFile ?? process.env.TUTTI_TOKEN_FILE;
  if (how.attach !== "local" && how.attach !== "running") return connectTo(how.attach, tokenFile, hello);
  const paths = ownPaths();
  const argv: [string, ...string[]] = [process.execPath, process.argv[1] ?? "tutti", "serve"];
  const asNode = "electron" in process.versions && { env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" } };
  const start = { argv, logFile: join(paths.dataDir, "server.log"), ...asNode };
  return connectLocal({ socket: socketPath(paths, process.platform), ...(how.attach === "local" && { start }) }, hello);
}

export const ownPaths = (): ConfigPaths => configPaths(process.env, process.platform, process.env.HOME ?? homedir());
