/** The program's entry point: connects cli/ and server/, which do not import each other. */
import { resolve } from "node:path";
import type {
  ConnectOptions,
  StartAcpOptions,
  StartHubOptions,
  StartLspOptions,
  StartRehearsalOptions,
  StartServerOptions,
  StartTuiOptions,
} from "../cli/command.ts";
import packageJson from "../package.json" with { type: "json" };
import type { Link } from "../protocol/link.ts";
import { startServer } from "../server/main.ts";
import { linkInProcess } from "../server/rpc/in-process.ts";
import { runProgram } from "./begin.ts";

export function main(): void {
  runProgram({ version: packageJson.version, connect, serve, rehearse, tui, hub, listThemes, dataFolder, acp, lsp });
}

export async function connect(options: ConnectOptions): Promise<Link> {
  const { answers, attach } = options;
  if (attach !== undefined) return (await import("./attach.ts")).attach({ ...options, attach });
  const server = await startServer({
    cwd: options.cwd,
    version: packageJson.version,
    env: createEnvironment(options.config),
    project: options.project,
    canAnswer: () => answers,
    ...(options.trusted !== undefined && { trustedRoot: options.trusted }),
    ...(options.config !== undefined && { configFile: options.config }),
    ...(options.provider && { provider: options.provider }),
    ...(options.record !== undefined && { record: resolve(options.record) }),
    ...(options.replay !== undefined && { replay: resolve(options.replay) }),
    ...(options.printAgent && { printAgent: options.printAgent }),
  });
  const name = process.env.USER ?? "you";
  return linkInProcess(server, { author: { kind: "person", id: "local", name }, role: "owner", answers });
}

/** Programs that this one starts, such as another Tutti, read the same configuration file. */
const createEnvironment = (config: string | undefined): NodeJS.ProcessEnv =>
  config === undefined ? process.env : { ...process.env, TUTTI_CONFIG: resolve(config) };

export const serve = async (options: StartServerOptions): Promise<number> =>
  (await import("./shared.ts")).runSharedServer(options, startServer);

export const rehearse = async (options: StartRehearsalOptions): Promise<number> =>
  (await import("./rehearse.ts")).serveScenario(options);

const lsp = async (options: StartLspOptions): Promise<number> =>
  (await import("./lsp.ts")).runLanguageServer(options, packageJson.version);

const tui = async (options: StartTuiOptions): Promise<number> =>
  (await import("./tui.ts")).runTerminalUi(options, packageJson.version);

const hub = async (options: StartHubOptions): Promise<number> => (await import("./hub.ts")).runHub(options);

const dataFolder = async (): Promise<string> => (await import("./attach.ts")).userPaths().dataDir;

const listThemes = async (): Promise<string[]> => (await import("./tui.ts")).listThemes();

export const acp = async (options: StartAcpOptions): Promise<number> =>
  (await import("./acp.ts")).runAcpAgent(options, packageJson.version);
