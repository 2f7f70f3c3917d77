/** Connects the command line to a running server, or starts one. */
import { homedir } from "node:os";
import { join } from "node:path";
import { usageError } from "../cli/args.ts";
import type { ConnectOptions } from "../cli/command.ts";
import { connectLocal, connectTo } from "../client/local.ts";
import packageJson from "../package.json" with { type: "json" };
import type { Link } from "../protocol/link.ts";
import { type ConfigPaths, resolveConfigPaths } from "../server/config/paths.ts";
import { socketPath } from "../server/transport/socket-path.ts";

export async function attach(options: ConnectOptions & { attach: string }): Promise<Link> {
  const startOnly: [string, boolean][] = [
    ["--config", options.config !== undefined],
    ["--base-url", options.provider !== undefined],
    ["--record", options.record !== undefined],
    ["--replay", options.replay !== undefined],
    ["--no-project", !options.project],
    ["--trust", options.trusted !== undefined],
  ];
  const conflict = startOnly.find(([, isSet]) => isSet);
  if (conflict) throw usageError(`${conflict[0]} cannot be used with --attach: it would change a running server.`);
  const clientInfo = {
    client: { name: options.client ?? "tutti", version: packageJson.version },
    answers: options.answers,
  };
  const tokenFile = options.tokenFile ?? process.env.TUTTI_TOKEN_FILE;
  if (options.attach !== "local" && options.attach !== "running")
    return connectTo(options.attach, tokenFile, clientInfo);
  const paths = userPaths();
  const argv: [string, ...string[]] = [process.execPath, process.argv[1] ?? "tutti", "serve"];
  const asNode = "electron" in process.versions && { env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" } };
  const start = { argv, logFile: join(paths.dataDir, "server.log"), ...asNode };
  return connectLocal(
    { socket: socketPath(paths, process.platform), ...(options.attach === "local" && { start }) },
    clientInfo,
  );
}

export const userPaths = (): ConfigPaths =>
  resolveConfigPaths(process.env, process.platform, process.env.HOME ?? homedir());
